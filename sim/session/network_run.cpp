// SPDX-License-Identifier: Apache-2.0
// Simulates the stages of the accelerator, computes the others.
#include "sim/session/network_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/report/merge.h"

namespace systole::session {
namespace {

bool has_layer(const program::Program& program, const std::string& name) {
  return std::any_of(program.layers.begin(), program.layers.end(),
                     [&](const program::LayerInfo& layer) { return layer.name == name; });
}

void check_wave_layer(const CompiledNetwork& compiled, const std::string& name) {
  std::vector<std::string> names;
  for (const program::Program& program : compiled.programs) {
    if (has_layer(program, name)) return;
    for (const program::LayerInfo& layer : program.layers) names.push_back(layer.name);
  }
  throw Error(fmt::format("--wave layer {}: unknown, {}", name, expected_one_of(name, names)));
}

/// The run cannot go on; the reasons are kept.
struct Stopped {};

class Runner {
 public:
  Runner(const CompiledNetwork& compiled, const arch::ArchConfig& arch, bool functional,
         const NetworkRunOptions& options)
      : compiled_(compiled), arch_(arch), options_(options), choice_(options.simulate) {
    choice_.functional = functional;
    choice_.count_switching = options.energy != nullptr;
    choice_.wave_file.clear();
  }

  /// Simulates stage `index` on `inputs` (none: zeros) and returns its outputs.
  std::vector<std::vector<int8_t>> run(size_t index,
                                       const std::vector<std::vector<int8_t>>& inputs) {
    const SimulateOptions choice = with_wave(index);
    Simulation simulation = simulate_stage(index, inputs, choice);
    keep(index, choice, simulation);
    if (run_.stages.back().result.status != platform::RunStatus::kFinished ||
        !run_.divergence.empty())
      throw Stopped();
    return choice_.functional ? outputs_of(index, inputs, simulation.image)
                              : std::vector<std::vector<int8_t>>();
  }

  NetworkRun take() { return std::move(run_); }

 private:
  Simulation simulate_stage(size_t index, const std::vector<std::vector<int8_t>>& inputs,
                            const SimulateOptions& choice) const {
    const program::Program& program = compiled_.programs[index];
    if (options_.without_platform) return time_program(program, arch_, choice);
    platform::DramImage image = platform::make_image(program);
    place_inputs(program, inputs, image);
    return simulate(program, arch_, std::move(image), choice, options_.watch);
  }

  void keep(size_t index, const SimulateOptions& choice, Simulation& simulation) {
    const program::Program& program = compiled_.programs[index];
    if (!run_.stages.empty()) drop_logs(run_.stages.back().result);
    StageRun stage;
    stage.stage = index;
    stage.report =
        report::make_report(program, arch_, simulation.result, choice.engine, choice.functional);
    stage.wave_file = choice.wave_file;
    stage.wave = std::move(simulation.wave);
    run_.agreed.bytes += simulation.image.size();
    run_.agreed.instructions += simulation.result.retired.size();
    run_.agreed.bursts += simulation.result.dram.size();
    run_.divergence = simulation.divergence;
    run_.agreed.equal = run_.divergence.empty();
    cycles_ += simulation.result.cycles;
    if (options_.see) options_.see(index, simulation.result);
    const bool finished = simulation.result.status == platform::RunStatus::kFinished;
    if (options_.energy != nullptr && finished && run_.agreed.equal)
      stage.energy =
          energy::make_energy(program, arch_, simulation.result, stage.report, *options_.energy);
    stage.result = std::move(simulation.result);
    run_.stages.push_back(std::move(stage));
  }

  static void drop_logs(platform::RunResult& result) {
    result.retired = {};
    result.dram = {};
    result.causes = {};
  }

  std::vector<std::vector<int8_t>> outputs_of(size_t index,
                                              const std::vector<std::vector<int8_t>>& inputs,
                                              const platform::DramImage& image) {
    std::vector<OutputData> outputs = read_outputs(compiled_.programs[index], image);
    if (const auto& graph = compiled_.plan.stages[index].device)
      run_.wrong = check_outputs(*graph, inputs, outputs);
    std::vector<std::vector<int8_t>> stored;
    stored.reserve(outputs.size());
    for (const OutputData& output : outputs) stored.push_back(output.stored);
    if (compiled_.is_lone()) run_.stored = std::move(outputs);
    if (!run_.wrong.empty() && !compiled_.is_lone()) throw Stopped();
    return stored;
  }

  /// With the waveform of stage `index`, if it has any cycle of the window.
  SimulateOptions with_wave(size_t index) const {
    SimulateOptions choice = choice_;
    if (const std::optional<WaveRequest> wave = window_in(index)) {
      choice.wave = *wave;
      choice.wave_file = options_.wave_files.at(index);
    } else {
      choice.wave = {};
    }
    return choice;
  }

  /// The part of the waveform's window that lies in stage `index`; none: nothing does.
  std::optional<WaveRequest> window_in(size_t index) const {
    WaveRequest wave = choice_.wave;
    if (options_.wave_files.empty()) return std::nullopt;
    if (compiled_.is_lone() || !wave.is_window()) return wave;
    if (!wave.layer.empty())
      return has_layer(compiled_.programs[index], wave.layer) ? std::optional(wave) : std::nullopt;
    if (wave.to <= cycles_ || wave.from >= cycles_ + cycles_of(index)) return std::nullopt;
    wave.from = std::max(wave.from, cycles_) - cycles_;
    if (wave.to != kNever) wave.to -= cycles_;
    return wave;
  }

  /// The model has the RTL's cycles before that runs.
  Cycle cycles_of(size_t index) const {
    SimulateOptions timing;
    timing.functional = false;
    timing.cycle_limit = choice_.cycle_limit;
    timing.watchdog = choice_.watchdog;
    const program::Program& program = compiled_.programs[index];
    return simulate(program, arch_, platform::make_image(program), timing).result.cycles;
  }

  const CompiledNetwork& compiled_;
  const arch::ArchConfig& arch_;
  const NetworkRunOptions& options_;
  SimulateOptions choice_;
  Cycle cycles_ = 0;  ///< of the stages that ran
  NetworkRun run_;
};

report::Report whole_report(const NetworkRun& run, const CompiledNetwork& compiled,
                            const arch::ArchConfig& arch, const std::string& engine,
                            bool functional) {
  std::vector<report::Report> parts = run.parts();
  if (parts.empty())
    parts.push_back(report::idle_report(arch, compiled.plan.batch, engine, functional));
  report::Report report = report::merge_reports(parts);
  report.network = compiled.plan.name;
  for (const pipeline::PlanStage& stage : compiled.plan.stages)
    report.accelerator_only |= !stage.on_device();
  return report;
}

}  // namespace

std::vector<float> NetworkRun::elements(const pipeline::NetworkPlan& plan, size_t k) const {
  const std::string& name = plan.outputs.at(k).name;
  std::vector<float> all;
  for (int64_t i = 0; i < plan.batch_of_output(k); ++i) {
    const std::vector<float> one =
        pipeline::numbers_of(outputs.at(static_cast<size_t>(i)).at(name));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

std::vector<report::Report> NetworkRun::parts() const {
  std::vector<report::Report> parts;
  for (const StageRun& stage : stages) parts.push_back(stage.report);
  return parts;
}

platform::RunResult NetworkRun::result() const {
  std::vector<const platform::RunResult*> parts;
  for (const StageRun& stage : stages) parts.push_back(&stage.result);
  return report::merge_results(parts);
}

std::optional<energy::EnergyReport> NetworkRun::energy() const {
  std::vector<energy::EnergyReport> parts;
  for (const StageRun& stage : stages)
    if (stage.energy) parts.push_back(*stage.energy);
  if (parts.empty() || !sound()) return std::nullopt;
  return parts.size() == 1 ? parts[0] : energy::merge_energy(parts);
}

NetworkRun run_network(const CompiledNetwork& compiled, const arch::ArchConfig& arch,
                       const std::optional<data::Dataset>& data, const NetworkRunOptions& options) {
  if (!options.wave_files.empty() && !options.simulate.wave.layer.empty())
    check_wave_layer(compiled, options.simulate.wave.layer);
  Runner runner(compiled, arch, data.has_value(), options);
  std::vector<pipeline::HostValues> items;
  try {
    if (data) {
      items = pipeline::host_items(compiled.plan.inputs, *data);
      pipeline::run_plan(compiled.plan, items, [&](size_t stage, const auto& inputs) {
        return runner.run(stage, inputs);
      });
    } else {
      for (const size_t stage : compiled.device_stages()) runner.run(stage, {});
    }
  } catch (const Stopped&) {
    items.clear();
  }
  NetworkRun run = runner.take();
  run.outputs = std::move(items);
  run.report = whole_report(run, compiled, arch, options.simulate.engine, data.has_value());
  return run;
}

}  // namespace systole::session
