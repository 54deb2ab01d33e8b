// SPDX-License-Identifier: Apache-2.0
// Files of a run for other tools.
#include "sim/cli/trace_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/cli/one_of.h"
#include "sim/compiled_graph/compiled_graph.h"
#include "sim/trace/dram_commands.h"
#include "sim/trace/dram_trace.h"
#include "sim/trace/retire_log.h"
#include "sim/trace/timeline.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, trace::DramTraceFormat> kTraceFormats = {
    {"csv", trace::DramTraceFormat::kCsv},
    {"ramulator2", trace::DramTraceFormat::kRamulator2},
    {"dramsys", trace::DramTraceFormat::kDramsys}};
const std::map<std::string, trace::DramCommandsFormat> kCommandsFormats = {
    {"csv", trace::DramCommandsFormat::kCsv}, {"drampower", trace::DramCommandsFormat::kDrampower}};

void check_format(const char* option, const std::string& format, const fs::path& file) {
  if (file.empty() && format != "csv")
    throw Error(
        fmt::format("{0}-format {1}: add {0} FILE, which it is the form of", option, format));
}

/// The cycles that "FROM:TO" names; nothing if `text` is no such, but the name of a layer. Throws
/// Error.
std::optional<trace::TimelineWindow> find_window(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || text.find_first_not_of("0123456789:") != std::string::npos)
    return std::nullopt;
  const auto fail = [&] {
    throw Error(fmt::format(
        "--timeline-window {}: expected FROM:TO in cycles with FROM < TO, or the name of a layer",
        text));
  };
  const auto cycle = [&](size_t from, size_t to, Cycle otherwise) {
    const std::string digits = text.substr(from, to - from);
    Cycle value = otherwise;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (!digits.empty() && (error != std::errc() || end != digits.data() + digits.size())) fail();
    return value;
  };
  const trace::TimelineWindow window = {cycle(0, colon, 0), cycle(colon + 1, text.size(), kNever)};
  if (window.from >= window.to) fail();
  return window;
}

/// The file of `channel`, from 0, of several: cmd.csv becomes cmd-ch0.csv.
fs::path of_channel(const fs::path& target, size_t channel) {
  return target.parent_path() /
         fmt::format("{}-ch{}{}", target.stem().string(), channel, target.extension().string());
}

}  // namespace

void TraceOptions::add_to(CLI::App& command) {
  command
      .add_option("--dram-trace", dram_trace,
                  "Write every DRAM request with its cycles, layer and place in the DRAM")
      ->type_name("FILE");
  command
      .add_option("--dram-trace-format", dram_trace_format,
                  "Form of --dram-trace: a table, or what Ramulator 2 or DRAMSys plays")
      ->check(OneOf(kTraceFormats))
      ->capture_default_str();
  command
      .add_option("--dram-commands", dram_commands,
                  "Write every command that a ddr memory got, in picoseconds")
      ->type_name("FILE");
  command
      .add_option("--dram-commands-format", dram_commands_format,
                  "Form of --dram-commands: a table, or what DRAMPower reads, a file a channel")
      ->check(OneOf(kCommandsFormats))
      ->capture_default_str();
  command
      .add_option("--retire-log", retire_log,
                  "Write every instruction with the cycles of its fetch, dispatch, start and end")
      ->type_name("FILE");
  command
      .add_option("--timeline", timeline,
                  "Write a timeline of units, layers, tokens, queues and DRAM for ui.perfetto.dev")
      ->type_name("FILE");
  command
      .add_option("--timeline-window", timeline_window,
                  "Write these cycles of the timeline, or those of a layer, alone")
      ->type_name("FROM:TO|LAYER");
  command
      .add_option("--graph", graph,
                  "Write the network as compiled, with what each layer cost, as ONNX for Netron")
      ->type_name("FILE");
}

std::vector<std::pair<const char*, const fs::path*>> TraceOptions::files() const {
  std::vector<std::pair<const char*, const fs::path*>> files;
  for (const auto& [option, file] : {std::pair{"--dram-trace", &dram_trace},
                                     {"--dram-commands", &dram_commands},
                                     {"--retire-log", &retire_log},
                                     {"--timeline", &timeline},
                                     {"--graph", &graph}})
    if (!file->empty()) files.emplace_back(option, file);
  return files;
}

void TraceOptions::check() const {
  for (const auto& [option, file] : files()) {
    if (*file == "-") throw Error(fmt::format("{} -: expected a file", option));
    check_creatable(*file);
  }
  check_format("--dram-trace", dram_trace_format, dram_trace);
  check_format("--dram-commands", dram_commands_format, dram_commands);
  if (!timeline_window.empty() && timeline.empty())
    throw Error("--timeline-window: add --timeline FILE, which it is a part of");
  find_window(timeline_window);
}

TraceFiles::TraceFiles(const TraceOptions& options, const session::CompiledNetwork& compiled,
                       const arch::ArchConfig& arch)
    : options_(options), compiled_(compiled), arch_(arch) {
  if (!options.dram_commands.empty() && arch.memory.kind != "ddr")
    throw Error(fmt::format(
        "--dram-commands: memory.kind is {}, which has no commands, expected ddr (--memory NAME)",
        arch.memory.kind));
  if (!options.graph.empty() && compiled.plan.graphs().empty())
    throw Error("--graph: a program file holds no network, expected an ONNX file or a topology");
  const std::string& window = options.timeline_window;
  if (!window.empty() && !find_window(window)) check_layer(window);
}

void TraceFiles::check_layer(const std::string& name) const {
  std::vector<std::string> names;
  for (const program::Program& program : compiled_.programs)
    for (const program::LayerInfo& layer : program.layers) names.push_back(layer.name);
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw Error(
        fmt::format("--timeline-window {}: unknown layer, {}", name, expected_one_of(name, names)));
}

fs::path TraceFiles::of(const fs::path& target, size_t index) const {
  return compiled_.is_lone() ? target : of_stage(target, index);
}

OutputFile& TraceFiles::add(std::string what, const fs::path& target) {
  files_.push_back({std::move(what), target, std::make_unique<OutputFile>(target)});
  return *files_.back().file;
}

OutputFile& TraceFiles::add_of_stage(const char* what, size_t index, const fs::path& target) {
  return add(compiled_.is_lone() ? what : fmt::format("{} of stage {}", what, index + 1), target);
}

void TraceFiles::write(size_t index, const platform::RunResult& result) {
  const trace::TracedRun run{compiled_.programs.at(index), arch_, result};
  if (!options_.dram_trace.empty()) {
    const fs::path target = of(options_.dram_trace, index);
    const OutputFile& file = add_of_stage("DRAM requests", index, target);
    write_dram_trace(run, kTraceFormats.at(options_.dram_trace_format), file.path(), target);
  }
  if (!options_.dram_commands.empty()) write_commands(run, index);
  if (!options_.retire_log.empty()) {
    const fs::path target = of(options_.retire_log, index);
    const OutputFile& file = add_of_stage("retired instructions", index, target);
    write_retire_log(run, file.path(), target);
  }
  if (!options_.timeline.empty()) write_timeline(run, index);
}

void TraceFiles::write_timeline(const trace::TracedRun& run, size_t index) {
  trace::TimelineWindow window;
  if (const std::string& asked = options_.timeline_window; !asked.empty()) {
    const auto cycles = find_window(asked);
    const auto found = cycles ? cycles : trace::window_of_layer(run, asked);
    if (!found || found->from >= run.result.cycles) return;
    window = *found;
  }
  const fs::path target = of(options_.timeline, index);
  const OutputFile& file = add_of_stage("timeline", index, target);
  trace::write_timeline(run, window, file.path(), target);
}

void TraceFiles::write_graph(const report::Report& report) {
  if (options_.graph.empty()) return;
  add("compiled network", options_.graph).write(compiled_graph::onnx_bytes(compiled_.plan, report));
}

void TraceFiles::write_commands(const trace::TracedRun& run, size_t index) {
  const trace::DramCommandsFormat format = kCommandsFormats.at(options_.dram_commands_format);
  const fs::path target = of(options_.dram_commands, index);
  std::vector<trace::NamedFile> files;
  const size_t count = trace::dram_command_files(format, arch_.memory);
  for (size_t channel = 0; channel < count; ++channel) {
    const fs::path named = count == 1 ? target : of_channel(target, channel);
    files.push_back({add_of_stage("DRAM commands", index, named).path(), named});
  }
  write_dram_commands(run, format, files);
}

std::string TraceFiles::commit() {
  std::string text;
  for (const File& file : files_) {
    file.file->commit();
    text += fmt::format("{}: {}\n", file.what, file.target.string());
  }
  if (text.empty())
    text = options_.timeline_window.empty()
               ? "nothing ran on the accelerator: there are no traces\n"
               : "no stage was at work in the window of --timeline: there is no file\n";
  files_.clear();
  std::vector<size_t> host;
  for (size_t i = 0; i < compiled_.plan.stages.size(); ++i)
    if (!compiled_.plan.stages[i].on_device()) host.push_back(i + 1);
  const bool has_traces = options_.files().size() > (options_.graph.empty() ? 0u : 1u);
  if (!host.empty() && has_traces)
    text += fmt::format("stages of the host, which have no traces: {}\n", fmt::join(host, ", "));
  return text;
}

}  // namespace systole::cli
