// SPDX-License-Identifier: Apache-2.0
// Hashes what a point is made of.
#include "sim/sweep/identity.h"

#include <fmt/format.h>

#include "compiler/onnx/external_files.h"
#include "model/base/error.h"
#include "sim/energy/table_file.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"

namespace systole::sweep {
namespace {

using Ordered = nlohmann::ordered_json;

/// 128 bits are enough for things that nobody forges.
std::string identity_of(const std::string& content) {
  return report::sha256_of(content).substr(0, 32);
}

/// Of a network's file and of those beside it that hold its tensors.
std::string network_identity(const std::filesystem::path& file) {
  std::string content = report::sha256_of_file(file);
  bool beside = false;
  if (file.extension() == ".onnx")
    for (const std::filesystem::path& external : importer::external_files(file)) {
      beside = true;
      content += external.filename().string();
      // One that is missing, or no file, is the point's own failure.
      if (std::filesystem::is_regular_file(external)) content += report::sha256_of_file(external);
    }
  return beside ? identity_of(content) : content.substr(0, 32);
}

results::Memory memory_of(const arch::ArchConfig& arch, Ordered parameters) {
  results::Memory memory;
  memory.name = arch.memory.kind == "ddr" ? arch.memory.ddr.name : arch.memory.kind;
  if (arch.memory.kind == "ddr") {
    const arch::DramEnergy& energy = arch.memory.ddr.energy;
    parameters["energy"] = {{"read_byte_pj", energy.read_byte.value},
                            {"write_byte_pj", energy.write_byte.value},
                            {"activation_pj", energy.activation.value}};
  }
  memory.parameters = parameters.dump();
  memory.identity = identity_of(memory.parameters);
  return memory;
}

results::Machine machine_of(const arch::ArchConfig& arch) {
  const Ordered json = report::architecture_json(arch);
  results::Machine machine;
  machine.parameters = json.at("parameters").dump();
  machine.memory = memory_of(arch, json.at("memory"));
  machine.clock_mhz = arch.clock_mhz;
  machine.array_rows = arch.hw.rows;
  machine.array_cols = arch.hw.cols;
  machine.ub_kib = json.at("parameters").at("ub.kib").get<int64_t>();
  const Ordered content = {machine.parameters, json.at("clock_mhz"),
                           machine.memory->identity};  // not the name
  machine.identity = identity_of(content.dump());
  return machine;
}

}  // namespace

std::string hardware_text(const SweepPoint& point) {
  std::string text = report::printable(point.arch);
  for (const std::string& assignment : point.set)
    text += fmt::format(" {}", report::printable(assignment));
  return text;
}

results::Part Identifier::network(const SweepPoint& point) {
  std::string& identity = files_[point.file.string()];
  if (identity.empty()) identity = network_identity(point.file);
  return {identity, report::printable(point.file.filename().string())};
}

results::Part Identifier::energy_table(const SweepPoint& point) {
  const std::filesystem::path file = energy::find_energy_table(point.energy_table);
  std::string& identity = files_[file.string()];
  // Rows tell the name of the table.
  if (identity.empty()) identity = identity_of(file.stem().string() + report::sha256_of_file(file));
  return {identity, file.stem().string()};
}

results::Machine Identifier::machine(const SweepPoint& point) {
  const std::string text = hardware_text(point);
  if (const auto known = machines_.find(text); known != machines_.end()) return known->second;
  results::Machine machine;
  try {
    machine = machine_of(arch::load_arch(point.arch, point.set));
  } catch (const Error&) {  // the point's own result
    machine.parameters =
        Ordered{{"architecture", report::printable(point.arch)}, {"set", text}}.dump();
    machine.identity = identity_of(machine.parameters);
  }
  machine.name = text;
  return machines_[text] = machine;
}

results::Configuration Identifier::configuration(const SweepPoint& point) {
  results::Configuration made;
  made.network = network(point);
  made.energy_table = energy_table(point);
  made.machine = machine(point);
  made.weights = point.widths.weights;
  made.activations = point.widths.activations;
  made.prune = report::printable(point.prune);
  made.batch = point.batch;
  made.host_fallback = point.host_fallback;
  const Ordered content = {{"network", made.network.identity},
                           {"topology", point.file.extension() == ".csv"},
                           {"machine", made.machine.identity},
                           {"energy_table", made.energy_table.identity},
                           {"weights", made.weights},
                           {"activations", made.activations},
                           {"prune", made.prune},
                           {"batch", made.batch},
                           {"host_fallback", made.host_fallback}};
  made.identity = identity_of(content.dump());
  return made;
}

}  // namespace systole::sweep
