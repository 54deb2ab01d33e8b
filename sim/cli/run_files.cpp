// SPDX-License-Identifier: Apache-2.0
// Makes names, and reads those that result.json holds.
#include "sim/cli/run_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <string_view>

#include "model/arch/arch_text.h"
#include "model/program/program_file.h"
#include "sim/numpy/npy_writer.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/scale_sim/reports.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

std::string plain_name(const std::string& tensor) {
  constexpr size_t kLongest = 200;  // a file's name has 255 bytes at most, endings included
  std::string name;
  for (std::string_view rest = tensor; !rest.empty();) {
    const auto c = static_cast<unsigned char>(rest[0]);
    const auto [bytes, printable] = report::first_character(rest);
    const bool plain = c < 0x80 ? std::isalnum(c) || c == '-' || c == '_' : printable;
    const std::string_view next = plain ? rest.substr(0, bytes) : std::string_view("_");
    if (name.size() + next.size() > kLongest) break;
    name += next;
    rest.remove_prefix(bytes);
  }
  return name.empty() ? "output" : name;
}

/// The program of stage `index`, from 0, of a network of several.
std::string stage_file(size_t index) { return fmt::format("stage-{}.sysb", index + 1); }

/// What runs wrote before result.json told it; the names of outputs are not among them.
std::vector<std::string> fixed_names(const fs::path& directory) {
  std::vector<std::string> names = {kLayersFile, kProgramFile, kWavesFile};
  std::error_code error;
  for (size_t stage = 0; fs::exists(directory / stage_file(stage), error) || stage < 64; ++stage)
    names.push_back(stage_file(stage));
  return names;
}

std::string program_name(const session::CompiledNetwork& compiled, size_t index) {
  return compiled.is_lone() ? kProgramFile : stage_file(index);
}

std::vector<std::string> output_names(const pipeline::NetworkPlan& plan) {
  std::vector<std::string> tensors;
  for (const pipeline::PlanTensor& out : plan.outputs) tensors.push_back(out.name);
  return tensor_file_names(tensors);
}

/// The outputs of a run with data.
void write_outputs(const OutputDirectory& directory, const pipeline::NetworkPlan& plan,
                   const session::NetworkRun& run) {
  const std::vector<std::string> names = output_names(plan);
  for (size_t k = 0; k < names.size() && !run.outputs.empty(); ++k)
    directory.write(
        names[k] + ".npy",
        numpy::to_npy(run.elements(plan, k),
                      session::batch_shape(plan.outputs[k].type.dims, plan.batch_of_output(k))));
  for (size_t k = 0; k < run.stored.size(); ++k)
    directory.write(names[k] + ".int8.npy",
                    numpy::to_npy(run.stored[k].stored, run.stored[k].info.shape));
}

bool is_plain(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

}  // namespace

std::string waves_name(const session::CompiledNetwork& compiled, size_t index) {
  return compiled.is_lone() ? kWavesFile : of_stage(kWavesFile, index).string();
}

std::vector<std::string> wave_files(const OutputDirectory& directory,
                                    const session::CompiledNetwork& compiled) {
  std::vector<std::string> files(compiled.plan.stages.size());
  for (const size_t stage : compiled.device_stages())
    files[stage] = directory.path(waves_name(compiled, stage)).string();
  return files;
}

void check_files(const OutputDirectory& directory, const session::CompiledNetwork& compiled,
                 bool functional) {
  for (const char* name : {kResultFile, kLayersFile, kOverTimeFile}) directory.path(name);
  for (const size_t stage : compiled.device_stages()) directory.path(program_name(compiled, stage));
  for (const std::string& name : output_names(compiled.plan)) {
    if (functional) directory.path(name + ".npy");
    if (functional && compiled.is_lone()) directory.path(name + ".int8.npy");
  }
}

void write_files(const OutputDirectory& directory, const session::CompiledNetwork& compiled,
                 const arch::ArchConfig& arch, const session::NetworkRun& run) {
  if (!run.report.layers.empty()) directory.write(kLayersFile, report::layers_csv(run.report));
  write_outputs(directory, compiled.plan, run);
  for (const size_t stage : compiled.device_stages())
    directory.write(program_name(compiled, stage),
                    program::program_bytes(compiled.programs[stage], arch::to_stored_yaml(arch)));
}

void check_scale_sim_files(const OutputDirectory& directory) {
  for (const char* name :
       {scale_sim::kComputeFile, scale_sim::kBandwidthFile, scale_sim::kAccessFile})
    directory.path(name);
}

void write_scale_sim_files(const OutputDirectory& directory,
                           const session::CompiledNetwork& compiled,
                           const session::NetworkRun& run) {
  if (!run.finished()) return;
  const session::StageRun& stage = run.stages.at(0);
  for (const auto& [name, text] :
       scale_sim::make_reports(compiled.programs.at(stage.stage), stage.result, stage.report))
    directory.write(name, text);
}

std::vector<std::string> tensor_file_names(const std::vector<std::string>& tensors) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const std::string& tensor : tensors) {
    const std::string plain = plain_name(tensor);
    std::string name = plain;
    for (int number = 2; !taken.insert(name).second; ++number)
      name = fmt::format("{}-{}", plain, number);
    names.push_back(name);
  }
  return names;
}

std::vector<std::string> files_of_earlier_run(const fs::path& directory) {
  std::error_code error;
  const fs::path file = directory / kResultFile;
  if (!fs::is_regular_file(file, error)) return {};
  std::ifstream stream(file, std::ios::binary);
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object() || json.value("schema", nlohmann::json()) != "systole.result") return {};
  const auto listed = json.find("files");
  if (listed == json.end() || !listed->is_array()) return fixed_names(directory);
  std::vector<std::string> names;
  for (const auto& name : *listed)
    if (name.is_string() && is_plain(name.get<std::string>()))
      names.push_back(name.get<std::string>());
  return names;
}

void write_result(const fs::path& file, std::optional<OutputDirectory>& directory,
                  nlohmann::ordered_json& result) {
  if (directory) {
    std::vector<std::string> names = directory->names();
    names.emplace_back(kResultFile);
    std::sort(names.begin(), names.end());
    result["files"] = names;
  }
  const std::string text = result.dump(1) + "\n";
  if (directory) {
    directory->write(kResultFile, text);
    directory->commit(files_of_earlier_run(directory->target()), kResultFile);
  }
  if (!file.empty()) write_output(file, text);
}

}  // namespace systole::cli
