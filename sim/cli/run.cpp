// SPDX-License-Identifier: Apache-2.0
// Command `run`: a network or program on an architecture, with its report.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/dump_tensors.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/explain_option.h"
#include "sim/cli/look.h"
#include "sim/cli/mapping_option.h"
#include "sim/cli/one_of.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_files.h"
#include "sim/cli/run_options.h"
#include "sim/cli/run_text.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/cli/wave_files.h"
#include "sim/cli/wave_option.h"
#include "sim/energy/text.h"
#include "sim/report/clock.h"
#include "sim/report/explain.h"
#include "sim/report/legend.h"
#include "sim/report/sparsity.h"
#include "sim/report/table.h"
#include "sim/session/mapping_file.h"
#include "sim/session/result.h"
#include "sim/session/timed_run.h"
#include "sim/trace/over_time.h"

namespace systole::cli {
namespace {

void check_options(const RunCommand& options) {
  const CompileOptions& compile = options.compile;
  if (!options.wave.empty() && options.simulate.engine == "model")
    throw Error("--wave: waveforms come from the RTL, add --engine rtl or --engine both");
  if (!options.wave.empty() && options.output.empty())
    throw Error("--wave: add -o DIR, where waves.fst is to go");
  if (!compile.inputs.empty() && !compile.data.empty())
    throw Error("--input: given together with --data, expected one of them");
  if (compile.is_layers() && compile.has_data())
    throw Error(fmt::format("{}: is timing only, expected no --data or --input",
                            compile.topology.empty() ? "--timeloop-problem" : "--topology"));
  if (options.explain && compile.is_program())
    throw Error(fmt::format(
        "--explain: a program file cannot be compiled for other hardware, expected a network: {}",
        compile.network.string()));
  if (options.explain && compile.repeat != 1)
    throw Error("--explain: tells of one batch, expected no --repeat");
  if (!options.layer.empty() && !options.explain)
    throw Error(fmt::format("--layer {}: restricts --explain, add it", options.layer));
  if (options.json == "-" && compile.dump_ir)
    throw Error("--json -: standard output cannot also take --dump-ir");
  compile.check_sparsity();
  options.traces.check();
  check_dump(options.tensors, options.output, compile.has_data(), compile.is_program());
  if (!options.json.empty() && options.json != "-") check_creatable(options.json);
}

bool writes_scale_sim_reports(const RunCommand& options) {
  return !options.output.empty() && !options.compile.topology.empty();
}

/// What all parts of the command know.
struct Setting {
  const RunCommand& options;
  const arch::ArchConfig arch;
  const std::optional<energy::EnergyTable> table;
  const session::CompiledNetwork compiled;
  const std::optional<data::Dataset> data;

  bool both() const { return options.simulate.engine == "both"; }
  const pipeline::NetworkPlan& plan() const { return compiled.plan; }
};

/// Beside the waveform of `stage`: "waves.gtkw".
std::string beside_waves(const Setting& setting, size_t stage, const char* extension) {
  return std::filesystem::path(waves_name(setting.compiled, stage))
      .replace_extension(extension)
      .string();
}

/// Of each waveform a view that fits it, and the texts of instructions that the view shows.
void write_wave_views(const OutputDirectory& directory, const Setting& setting,
                      const session::NetworkRun& run) {
  for (const session::StageRun& stage : run.stages) {
    if (!stage.wave) continue;
    const session::WaveContents& wave = *stage.wave;
    const std::string filter = beside_waves(setting, stage.stage, ".filter");
    write_main_view(directory, beside_waves(setting, stage.stage, ".gtkw"),
                    {setting.arch.hw, *wave.words, wave.markers, wave.from, wave.to,
                     1e6 / setting.arch.clock_mhz,
                     std::filesystem::absolute(setting.options.output / filter).string()});
    directory.write(filter, wave.instructions);
  }
}

std::string waves_text(const Setting& setting, const session::NetworkRun& run) {
  std::string files, notes;
  for (const session::StageRun& stage : run.stages) {
    if (!stage.wave) continue;
    const std::filesystem::path& folder = setting.options.output;
    files += fmt::format("\nwaveform: gtkwave -a {} {}",
                         (folder / beside_waves(setting, stage.stage, ".gtkw")).string(),
                         (folder / waves_name(setting.compiled, stage.stage)).string());
    notes += stage.wave->note;
  }
  if (files.empty()) return "\nno stage was at work in that window: there is no waveform\n";
  return files + fmt::format("\na cycle takes {:.6g} ns, cycle N begins at N times that{}\n",
                             1e3 / setting.arch.clock_mhz, notes);
}

std::string first_output_text(const Setting& setting, const session::NetworkRun& run) {
  std::vector<std::vector<float>> first;
  for (const pipeline::HostValues& item : run.outputs)
    first.push_back(pipeline::numbers_of(item.at(setting.plan().outputs.at(0).name)));
  return predictions_text(first, setting.data->labels);
}

/// Prints what the run gave and returns it as JSON.
nlohmann::ordered_json tell(const Setting& setting, const session::NetworkRun& run,
                            const Say& say) {
  const RunCommand& options = setting.options;
  const report::Report& report = run.report;
  const bool finished = run.finished();
  session::ResultParts parts;
  parts.file = options.compile.file();
  parts.compared = setting.both();
  if (!options.compile.is_program()) parts.choices = options.compile.choices;
  parts.energy = run.energy();
  if (setting.table) parts.node_nm = setting.table->node_nm;
  if (options.compile.host_fallback)
    parts.fallback = report::make_fallback_report(setting.plan(), run.parts(), report);
  const bool kept = !options.output.empty() || !options.json.empty();
  if (options.compile.has_weights() && (options.compile.sparsity || kept))
    parts.weights = session::weight_patterns(setting.compiled, setting.arch);

  if (const auto& mapping = setting.compiled.mapping) say("\n" + session::mapping_text(*mapping));
  if (!report.layers.empty()) say("\n" + shown_table(report::layer_table(report, out_width())));
  if (finished && parts.fallback)
    say("\n" + shown_table(report::stage_table(*parts.fallback, out_width())));
  if (finished)
    say("\n" + report::totals(report) +
        (parts.fallback ? report::fallback_totals(*parts.fallback) : std::string()) + "\n");
  if (options.compile.sparsity)
    say(shown_table(report::sparsity_table(parts.weights, out_width())) + "\n");
  if (!finished) {
    const session::StageRun& last = run.stages.back();
    say("\n" + reached_text(setting.compiled.programs[last.stage], last.report, last.result));
  }
  if (parts.energy) say(energy::energy_text(*parts.energy, out_width()) + "\n");
  if (finished && !options.explain)
    say(shown_table("unit   cycles by cause\n" +
                    report::unit_table(report.units, report.cycles, out_width())));
  if (finished && options.explain) {
    say(report::explanation(report, options.layer, out_width()) + "\n");
    parts.changes = try_changes(setting.compiled, setting.arch, options.compile.choices,
                                setting.table, options.layer);
    say(changes_text(*parts.changes));
  }
  if (options.causes) say("\n" + report::legend(report, options.explain, options.layer));
  if (!run.outputs.empty()) say("\n" + first_output_text(setting, run));
  if (setting.both())
    say("\n" + (run.divergence.empty() ? styled_out(Style::kGood, agreement_text(run.agreed))
                                       : run.divergence));
  return session::result_json(run, setting.arch, parts);
}

/// The error that the run ends with, if it does.
void check_run(const Setting& setting, const session::NetworkRun& run) {
  if (!run.divergence.empty()) throw Error("RTL and model differ", ExitCode::kDifference);
  if (!run.wrong.empty()) throw Error(run.wrong, ExitCode::kDifference);
  if (run.finished()) return;
  const session::StageRun& last = run.stages.back();
  print_err(last.result.dump);
  throw Error(stop_message(setting.compiled.programs[last.stage], last.result), ExitCode::kStopped);
}

ExitCode run(RunCommand options) {
  check_options(options);
  take_mapping(options);
  const Say say(options.json == "-", options.writes_files());
  arch::ArchConfig arch = options.arch.load(options.compile.choices, options.compile.network);
  std::optional<energy::EnergyTable> table = energy_option_table(options.energy, arch);
  std::optional<OutputDirectory> directory;
  if (!options.output.empty()) directory.emplace(options.output);
  std::optional<OutputDirectory> tensors;
  if (!options.tensors.empty()) tensors.emplace(options.tensors);
  if (!options.wave.empty()) options.simulate.wave = parse_wave(options.wave);
  say(options.arch.scalesim_text());
  say(report::headline(
      arch, options.simulate.engine == "both" ? "rtl and model" : options.simulate.engine));
  options.compile.timing_only = !options.compile.has_data() && !directory;
  session::CompiledNetwork compiled = compile_shown(options.compile, arch);
  std::optional<data::Dataset> data = session::load_data(options.compile, compiled);
  const Setting setting{options, std::move(arch), std::move(table), std::move(compiled),
                        std::move(data)};
  if (!options.layer.empty()) check_explained_layer(setting.compiled, options.layer);
  print_warnings(setting.compiled.warnings);
  print_warnings(memory_warnings(setting.arch));
  if (setting.table) print_warnings(report::clock_warnings(setting.arch, setting.table->node_nm));
  const bool functional = setting.data.has_value();
  if (directory) check_files(*directory, setting.compiled, functional);
  if (writes_scale_sim_reports(options)) check_scale_sim_files(*directory);
  if (!functional) say("timing only: no --data or --input, so there are no outputs\n");

  TraceFiles traces(options.traces, setting.compiled, setting.arch);
  ShownProgress shown;
  session::NetworkRunOptions how;
  trace::OverTime over_time;
  how.see = [&](size_t stage, const platform::RunResult& result) {
    traces.write(stage, result);
    if (directory && result.status == platform::RunStatus::kFinished)
      over_time.add(stage, {setting.compiled.programs.at(stage), setting.arch, result});
  };
  how.simulate = options.simulate;
  how.energy = setting.table ? &*setting.table : nullptr;
  if (!options.wave.empty()) how.wave_files = wave_files(*directory, setting.compiled);
  how.watch = shown.watcher();
  const session::NetworkRun run =
      session::run_network(setting.compiled, setting.arch, setting.data, how);
  shown.wipe();

  nlohmann::ordered_json json = tell(setting, run, say);
  if (directory) write_files(*directory, setting.compiled, setting.arch, run);
  if (directory) write_wave_views(*directory, setting, run);
  if (directory && run.finished()) directory->write(kOverTimeFile, over_time.json().dump() + "\n");
  if (writes_scale_sim_reports(options)) write_scale_sim_files(*directory, setting.compiled, run);
  if (directory && setting.compiled.mapping)
    directory->write(kMappingFile, session::mapping_yaml(*setting.compiled.mapping));
  write_result(options.json, directory, json);
  if (tensors && run.sound()) dump_tensors(*tensors, setting.plan(), *setting.data);
  if (!options.wave.empty()) say(waves_text(setting, run));
  traces.write_graph(run.report);
  if (options.traces.any()) say("\n" + traces.commit());
  check_run(setting, run);
  return ExitCode::kFine;
}

void add_options(CLI::App& command, RunCommand& options) {
  options.compile.add_to(command, "Network (.onnx) or program (.sysb)");
  options.compile.add_topology_to(command);
  options.compile.add_host_fallback_to(command);
  options.compile.add_sparsity_to(command);
  options.arch.add_to(command, kArchOfProgram);
  options.arch.add_scalesim_to(command);
  command
      .add_option("--engine", options.simulate.engine,
                  "Engine; both: run both and compare everything")
      ->check(OneOf({"model", "rtl", "both"}))
      ->capture_default_str();
  options.compile.add_data_to(command, "Input from the first items of a data set");
  command
      .add_option("-o,--output", options.output,
                  "Directory for result.json, layers.csv, over_time.json, program.sysb, outputs "
                  "and waves.fst; of a "
                  "topology also for the reports of SCALE-Sim")
      ->type_name("DIR");
  command
      .add_option("--dump-tensors", options.tensors,
                  "Directory for every value of the quantised network, real and as stored (.npy)")
      ->type_name("DIR");
  command
      .add_option("--json", options.json,
                  "Write the result as JSON; -: to standard output, nothing else")
      ->type_name("-|FILE");
  command.add_flag(
      "--explain", options.explain,
      "Tell the cause of every cycle by layer, and what changes of the hardware give and cost");
  command.add_flag("--causes", options.causes,
                   "Tell what each unit and each cause means that is printed");
  command
      .add_option("--layer", options.layer,
                  "Restrict --explain to a layer: its cycles, and what changes give there")
      ->type_name("NAME");
  command
      .add_flag(
          "--energy{horowitz-45nm}", options.energy,
          "Estimate the energy: --energy, --energy TABLE (a name of configs/energy, or a YAML "
          "file)")
      ->type_name("[TABLE]");
  command
      .add_flag("--mapping{-}", options.mapping,
                "Tell how layers are cut and the next best plans, and write mapping.yaml to -o "
                "DIR; --mapping FILE.yaml: cut them as it says")
      ->type_name("[FILE.yaml]");
  command
      .add_flag("--wave{all}", options.wave,
                "Write a waveform of the RTL: --wave, --wave FROM:TO (cycles), --wave layer NAME")
      ->type_name("[FROM:TO | layer NAME]");
  options.traces.add_to(command);
  command
      .add_option("--cycle-limit", options.simulate.cycle_limit, "Stop after N cycles; 0: never")
      ->check(whole_number())
      ->type_name("N");
  command
      .add_option("--watchdog", options.simulate.watchdog, "Stop after N cycles without progress")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->capture_default_str()
      ->type_name("N");
  add_wide_flag(command);
  command.add_flag("--yes", options.simulate.allow_large,
                   "Build RTL of large arrays, which takes long");
}

}  // namespace

void add_run_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("run", "Run a network or program and report what it costs");
  auto options = std::make_shared<RunCommand>();
  add_options(*command, *options);
  command->footer(
      "Without --data or --input the run is timing only.\n\n"
      "Examples:\n"
      "  systole run net.onnx --arch edge-16x16 --set array.rows=32\n"
      "  systole run net.onnx --engine both --data test.yaml --calib calib.yaml -o out --wave\n"
      "  systole run net.onnx --engine rtl -o out --wave layer conv1\n"
      "  systole run net.onnx --explain --layer conv1\n"
      "  systole run net.onnx --energy tpuv4i-7nm\n"
      "  systole run net.onnx --mapping -o out && systole run net.onnx --mapping out/mapping.yaml\n"
      "  systole run --topology configs/topologies/alexnet.csv --arch tpu-v1\n"
      "  systole run --topology net.csv --scalesim-config scale.cfg -o out\n"
      "  systole run net.onnx --json - | jq .totals.cycles");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace systole::cli
