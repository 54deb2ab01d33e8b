// SPDX-License-Identifier: Apache-2.0
// Command `cosim`: RTL, model and golden executor must not differ, on a program or on random ones.
#include "sim/cosim/cosim.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "model/arch/arch_text.h"
#include "model/golden/legality.h"
#include "model/isa/counter_ids.h"
#include "model/program/program_file.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/output.h"
#include "sim/cli/progress.h"
#include "sim/cli/rtl_build_option.h"
#include "sim/cli/streams.h"
#include "sim/cli/value_checks.h"
#include "sim/cli/wave_files.h"
#include "sim/engine/timed_model.h"
#include "sim/report/format.h"
#include "sim/report/table.h"
#include "sim/session/data.h"

namespace systole::cli {
namespace {

struct CosimCommand {
  CompileOptions compile;
  ArchOptions arch;
  cosim::CosimOptions cosim;
  std::filesystem::path wave;
  std::filesystem::path output = "divergence";
  int random = 0;
  uint64_t seed = 1;
  JsonOption json;

  /// Prints, where standard output is not for the JSON alone.
  void say(std::string_view text) const {
    Say(json.is_alone(), !wave.empty() || !json.target.empty())(text);
  }
};

/// Writes program and waveform of a divergence in `cycle` of `program`, which ran from `image`, and
/// tells where they are. What goes wrong with that leaves the difference as it is.
void show_divergence(const CosimCommand& options, const arch::ArchConfig& arch,
                     const program::Program& program, const platform::DramImage& image, Cycle cycle,
                     uint64_t reset_seed) {
  try {
    platform::RunOptions run;
    run.cycle_limit = options.cosim.run.cycle_limit;
    run.watchdog_cycles = options.cosim.run.watchdog_cycles;
    const platform::RunResult timed = engine::run_kernel(program, arch, run);
    ShowOptions show;
    show.output = options.output;
    show.allow_large = options.cosim.allow_large;
    show.quick_build = options.cosim.quick_build;
    show.reset_seed = reset_seed;
    options.say(
        show_window(program, arch, image, timed, window_around(cycle, program, timed), show));
    const std::filesystem::path file = options.output / "program.sysb";
    write_output(file, program::program_bytes(program, arch::to_stored_yaml(arch)));
    options.say(fmt::format("program: {}\n", file.string()));
  } catch (const Error& error) {
    print_err("no waveform of the divergence: {}\n", error.what());
  }
}

/// What holds for random programs and for networks; the one that differs is told last.
nlohmann::ordered_json result_json(const arch::ArchConfig& arch) {
  return {{"schema", "systole.cosim"},
          {"schema_version", 1},
          {"architecture", report::printable(arch.name)},
          {"equal", true}};
}

ExitCode cosim_random_programs(const CosimCommand& options, const arch::ArchConfig& arch) {
  Progress progress("cosim", "programs", static_cast<uint64_t>(options.random));
  const cosim::CosimBatch batch =
      cosim::cosim_random(arch, options.random, options.seed, golden::RandomOptions{},
                          options.cosim, 1, [&](const cosim::CosimBatch& done) {
                            progress.update(static_cast<uint64_t>(done.programs));
                          });
  progress.wipe();
  options.say(fmt::format(
      "{} random programs from seed {}: {} cycles on each engine, {} ended in a fault, {}{} "
      "differ\n{}",
      batch.programs, options.seed, report::with_commas(batch.cycles), batch.faults,
      batch.cut > 0 ? fmt::format("{} at the cycle limit, ", batch.cut) : std::string(),
      batch.different, batch.differences));
  if (batch.first) {
    const auto [seed, cycle] = *batch.first;
    arch::ArchConfig own = arch;
    own.memory.seed = seed;
    const program::Program program = golden::random_program(arch.hw, seed, {});
    show_divergence(options, own, program, platform::make_image(program), cycle, seed);
  }
  nlohmann::ordered_json json = result_json(arch);
  json["equal"] = batch.different == 0;
  json["random"] = {{"seed", options.seed},        {"programs", batch.programs},
                    {"cycles", batch.cycles},      {"faults", batch.faults},
                    {"at_cycle_limit", batch.cut}, {"different", batch.different}};
  if (batch.different > 0) json["difference"] = batch.differences;
  options.json.write(json);
  return batch.different == 0 ? ExitCode::kFine : ExitCode::kDifference;
}

/// A stage of the accelerator on both engines, and why they need not agree, if so.
struct CosimStage {
  cosim::CosimResult result;
  std::string violation;
};

/// What was equal, or the difference.
void print_result(const CosimCommand& options, const cosim::CosimResult& result) {
  if (result.equal()) {
    options.say(fmt::format(
        "no difference: {} cycles, {} retired instructions, {} DRAM bursts, {} counters, {} bytes "
        "of DRAM; {:.1f} CPU s of the RTL, {:.2f} of the model\n",
        report::with_commas(result.rtl.result.cycles),
        report::with_commas(result.rtl.result.retired.size()),
        report::with_commas(result.rtl.result.dram.size()), isa::kCounters,
        report::with_commas(result.rtl.image.size()), result.rtl.result.cpu_seconds,
        result.model.result.cpu_seconds));
    return;
  }
  options.say(styled_out(Style::kBad, "the engines differ") + "\n" + result.difference);
}

nlohmann::ordered_json stage_json(size_t stage, const CosimStage& run) {
  const platform::RunResult& rtl = run.result.rtl.result;
  nlohmann::ordered_json json = {{"stage", stage + 1},
                                 {"equal", run.result.equal()},
                                 {"legal", run.violation.empty()},
                                 {"cycles", rtl.cycles},
                                 {"instructions", rtl.retired.size()},
                                 {"dram_bursts", rtl.dram.size()},
                                 {"counters", isa::kCounters},
                                 {"dram_bytes", run.result.rtl.image.size()},
                                 {"rtl_cpu_seconds", rtl.cpu_seconds},
                                 {"model_cpu_seconds", run.result.model.result.cpu_seconds}};
  if (!run.violation.empty()) json["violation"] = report::printable(run.violation);
  if (!run.result.equal()) json["difference"] = run.result.difference;
  return json;
}

/// One stage of the accelerator on `inputs`, or on zeros.
CosimStage cosim_stage(const CosimCommand& options, const arch::ArchConfig& arch,
                       const program::Program& program,
                       const std::vector<std::vector<int8_t>>& inputs, const std::string& wave_file,
                       const std::string& name) {
  const golden::LegalityReport legality = golden::check_legality(program);
  if (!legality.legal())
    options.say(
        fmt::format("not a legal program, the engines need not agree: {}\n", legality.violation));
  platform::DramImage image = platform::make_image(program);
  session::place_inputs(program, inputs, image);
  Progress progress("cosim", "cycles", 0);  // of the model, then of the RTL
  const double instructions = static_cast<double>(std::max<size_t>(program.code.size(), 1));
  cosim::CosimOptions how = options.cosim;
  how.run.wave_file = wave_file;
  how.run.progress = [&](Cycle cycles, uint64_t retired) {
    progress.update(cycles, static_cast<double>(retired) / instructions);
  };
  CosimStage stage{cosim::cosim_program(program, arch, image, how), legality.violation};
  progress.wipe();
  options.say(name);
  print_result(options, stage.result);
  if (stage.result.first)
    show_divergence(options, arch, program, image, stage.result.first->cycle, 0);
  return stage;
}

/// Each stage on what the stages before it give; zeros without data.
ExitCode cosim_network(const CosimCommand& options, const arch::ArchConfig& arch) {
  const session::CompiledNetwork compiled = compile_shown(options.compile, arch);
  const pipeline::NetworkPlan& plan = compiled.plan;
  const std::optional<data::Dataset> data = session::load_data(options.compile, compiled);
  print_warnings(compiled.warnings);
  std::map<size_t, OutputFile> waves;
  for (const size_t s : compiled.device_stages())
    if (!options.wave.empty())
      waves.try_emplace(s, compiled.is_lone() ? options.wave : of_stage(options.wave, s));
  nlohmann::ordered_json json = result_json(arch);
  const auto run = [&](size_t s, const std::vector<std::vector<int8_t>>& inputs) {
    const std::string wave = options.wave.empty() ? "" : waves.at(s).path().string();
    const std::string name = compiled.is_lone() ? "" : fmt::format("stage {}: ", s + 1);
    const CosimStage done = cosim_stage(options, arch, compiled.programs[s], inputs, wave, name);
    if (!done.result.equal()) json["equal"] = false;
    json["stages"].push_back(stage_json(s, done));
    std::vector<std::vector<int8_t>> outputs;
    for (session::OutputData& out :
         session::read_outputs(compiled.programs[s], done.result.rtl.image))
      outputs.push_back(std::move(out.stored));
    return outputs;
  };
  if (data) {
    std::vector<pipeline::HostValues> items = pipeline::host_items(plan.inputs, *data);
    pipeline::run_plan(plan, items, run);
  } else {
    for (const size_t s : compiled.device_stages()) run(s, {});
  }
  for (auto& [stage, wave] : waves) wave.commit();
  options.json.write(json);
  return json["equal"] ? ExitCode::kFine : ExitCode::kDifference;
}

ExitCode cosim_random_command(CosimCommand options, const arch::ArchConfig& arch) {
  if (options.wave.empty()) return cosim_random_programs(options, arch);
  if (options.random > 1)
    throw Error("--wave-file: one waveform holds one program, expected --random 1");
  OutputFile wave(options.wave);
  options.cosim.run.wave_file = wave.path().string();
  const ExitCode code = cosim_random_programs(options, arch);
  wave.commit();
  return code;
}

ExitCode cosim(CosimCommand options) {
  const bool named = !options.compile.network.empty();
  if (named == (options.random > 0))
    throw Error("cosim: expected either a network or program, or --random N");
  if (!options.compile.inputs.empty() && !options.compile.data.empty())
    throw Error("--input: given together with --data, expected one of them");
  if (!options.wave.empty()) check_creatable(options.wave);
  options.json.check();
  if (options.json.is_alone() && options.compile.dump_ir)
    throw Error("--json -: standard output cannot also take --dump-ir");
  const arch::ArchConfig arch = options.arch.load(options.compile.choices, options.compile.network);
  options.say(report::headline(arch, "rtl, model and golden"));
  return named ? cosim_network(options, arch) : cosim_random_command(options, arch);
}

}  // namespace

void add_cosim_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("cosim", "Run RTL, model and golden executor and compare everything");
  auto options = std::make_shared<CosimCommand>();
  options->compile.add_to(*command, "Network (.onnx) or program (.sysb)");
  options->compile.add_host_fallback_to(*command);
  command->get_option("network")->required(false);
  options->arch.add_to(*command, kArchOfProgram);
  options->compile.add_data_to(*command,
                               "Input from the first items of a data set; default: zeros");
  command->add_option("--random", options->random, "Run N random programs")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  command->add_option("--seed", options->seed, "Seed of the first; the others follow")
      ->check(whole_number())
      ->capture_default_str();
  command->add_option("--wave-file", options->wave, "Write the RTL's waveform")
      ->type_name("FILE.fst");
  command
      ->add_option("-o,--output", options->output,
                   "Directory for program and waveform of a divergence")
      ->capture_default_str()
      ->type_name("DIR");
  options->json.add_to(*command);
  command
      ->add_option("--cycle-limit", options->cosim.run.cycle_limit, "Stop after N cycles; 0: never")
      ->check(whole_number())
      ->type_name("N");
  command
      ->add_option("--watchdog", options->cosim.run.watchdog_cycles,
                   "Stop after N cycles without progress")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->capture_default_str()
      ->type_name("N");
  add_rtl_build_to(*command, options->cosim.quick_build, options->cosim.allow_large);
  command->footer(
      "Examples:\n"
      "  systole cosim net.onnx --data test.yaml --calib calib.yaml --arch edge-4x4\n"
      "  systole cosim --random 100 --seed 7 --arch edge-16x16 --memory random\n"
      "  systole cosim --random 100 --arch edge-4x4 --memory ddr4-2400\n"
      "  systole cosim --random 100 --arch edge-4x4 --cycle-limit 400\n"
      "  systole cosim --random 100 --arch edge-4x4 --json - | jq .equal\n"
      "Exit code 1 and the first divergence if anything differs.");
  command->callback([options, &exit_code] { exit_code = cosim(*options); });
}

}  // namespace systole::cli
