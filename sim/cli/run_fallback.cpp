// SPDX-License-Identifier: Apache-2.0
// Compiles the stages, simulates those of the accelerator, computes the others, reports all of it.
#include "sim/cli/run_fallback.h"

#include <fmt/format.h>

#include <optional>

#include "model/program/program_file.h"
#include "sim/cli/energy_option.h"
#include "sim/cli/npy_writer.h"
#include "sim/cli/output.h"
#include "sim/cli/run_data.h"
#include "sim/cli/run_files.h"
#include "sim/cli/run_text.h"
#include "sim/cli/staged_data.h"
#include "sim/cli/streams.h"
#include "sim/energy/text.h"
#include "sim/report/explain.h"
#include "sim/report/fallback.h"
#include "sim/report/json.h"
#include "sim/report/merge.h"
#include "sim/report/provenance.h"
#include "sim/report/sparsity.h"
#include "sim/report/table.h"

namespace systole {
namespace {

void check_options(const RunCommand& options) {
  if (!options.wave.empty())
    throw Error("--wave: a waveform is of one program, expected one of those that -o writes");
  if (options.explain)
    throw Error("--explain: tries hardware for one program, expected no --host-fallback");
}

/// The device stages that ran, up to one that did not finish or in which something differs.
class StagedRun {
 public:
  StagedRun(const CompiledPlan& compiled, const ArchConfig& arch, const SimulateOptions& choice,
            const std::optional<EnergyTable>& table)
      : compiled_(compiled), arch_(arch), choice_(choice), table_(table) {}

  /// The run cannot go on; the reasons are kept.
  struct Stopped {};

  /// Simulates stage `index` on `inputs` (none: zeros) and returns its outputs.
  std::vector<std::vector<int8_t>> run(size_t index,
                                       const std::vector<std::vector<int8_t>>& inputs) {
    const Program& program = compiled_.programs[index];
    DramImage image = make_image(program);
    place_inputs(program, inputs, image);
    const Simulation simulation = simulate(program, arch_, std::move(image), choice_);
    const RunResult& result = simulation.result;
    reports_.push_back(make_report(program, arch_, result, choice_.engine, choice_.functional));
    agreed_.bytes += simulation.image.size();
    agreed_.instructions += result.retired.size();
    agreed_.bursts += result.dram.size();
    divergence_ = simulation.divergence;
    agreed_.equal = divergence_.empty();
    RunResult counts = result;
    counts.retired = {};
    counts.dram = {};
    counts.causes = {};
    results_.push_back(std::move(counts));
    if (result.status != RunStatus::kFinished) {
      stopped_ = stop_message(program, result);
      reached_ = reached_text(program, reports_.back(), result);
    }
    if (!agreed_.equal || !stopped_.empty()) throw Stopped();
    if (table_) energies_.push_back(make_energy(program, arch_, result, reports_.back(), *table_));
    if (!choice_.functional) return {};
    const std::vector<OutputData> outputs = read_outputs(program, simulation.image);
    wrong_ = check_outputs(*compiled_.plan.stages[index].device, inputs, outputs);
    if (!wrong_.empty()) throw Stopped();
    std::vector<std::vector<int8_t>> stored;
    for (const OutputData& output : outputs) stored.push_back(output.stored);
    return stored;
  }

  const std::vector<Report>& reports() const { return reports_; }
  const std::vector<RunResult>& results() const { return results_; }
  /// With a table: of each finished stage.
  const std::vector<EnergyReport>& energies() const { return energies_; }
  const Agreement& agreed() const { return agreed_; }
  const std::string& divergence() const { return divergence_; }
  const std::string& wrong() const { return wrong_; }
  const std::string& stopped() const { return stopped_; }
  const std::string& reached() const { return reached_; }

 private:
  const CompiledPlan& compiled_;
  const ArchConfig& arch_;
  const SimulateOptions& choice_;
  const std::optional<EnergyTable>& table_;
  std::vector<Report> reports_;
  std::vector<RunResult> results_;
  std::vector<EnergyReport> energies_;
  Agreement agreed_;
  std::string divergence_, wrong_, stopped_, reached_;
};

std::vector<std::string> output_names(const NetworkPlan& plan) {
  std::vector<std::string> tensors;
  for (const PlanTensor& out : plan.outputs) tensors.push_back(out.name);
  return tensor_file_names(tensors);
}

/// Throws Error if a file of the run could not be put where it belongs.
void check_names(const OutputDirectory& directory, const NetworkPlan& plan, bool functional) {
  for (const char* name : {kResultFile, kLayersFile}) directory.path(name);
  for (size_t s = 0; s < plan.stages.size(); ++s)
    if (plan.stages[s].device) directory.path(stage_file(s));
  for (const std::string& name : output_names(plan))
    if (functional) directory.path(name + ".npy");
}

/// All but the result itself.
void write_directory(const OutputDirectory& directory, const Report& report,
                     const CompiledPlan& compiled, const std::vector<HostValues>& outputs) {
  if (!report.layers.empty()) directory.write(kLayersFile, layers_csv(report));
  for (size_t s = 0; s < compiled.programs.size(); ++s) {
    if (compiled.plan.stages[s].device)
      directory.write(stage_file(s), program_bytes(compiled.programs[s]));
  }
  const std::vector<std::string> names = output_names(compiled.plan);
  for (size_t k = 0; k < names.size() && !outputs.empty(); ++k) {
    const PlanTensor& out = compiled.plan.outputs[k];
    const auto constant = compiled.plan.constants.find(out.name);
    if (constant != compiled.plan.constants.end()) {  // once, whatever the batch
      directory.write(names[k] + ".npy", to_npy(numbers_of(constant->second), out.type.dims));
      continue;
    }
    std::vector<float> values;
    for (const HostValues& item : outputs) {
      const std::vector<float> one = numbers_of(item.at(out.name));
      values.insert(values.end(), one.begin(), one.end());
    }
    directory.write(names[k] + ".npy",
                    to_npy(values, batch_shape(out.type.dims, compiled.plan.batch)));
  }
}

/// The report of an accelerator that had nothing to do.
std::vector<Report> nothing_ran(const NetworkPlan& plan, const ArchConfig& arch,
                                const SimulateOptions& choice) {
  Program none;
  none.hw = arch.hw;
  none.batch = plan.batch;
  RunResult result;
  result.status = RunStatus::kFinished;
  return {make_report(none, arch, result, choice.engine, choice.functional)};
}

}  // namespace

ExitCode run_with_host(const RunCommand& options) {
  check_options(options);
  SimulateOptions choice = options.simulate;
  const bool both = choice.engine == "both";
  const Say say(options.json == "-", options.writes_files());
  const ArchConfig arch = options.arch.load();
  const std::optional<EnergyTable> table = energy_option_table(options.energy, arch);
  std::optional<OutputDirectory> directory;
  if (!options.output.empty()) directory.emplace(options.output);
  say(headline(arch, both ? "rtl and model" : choice.engine));
  const CompiledPlan compiled = compile_staged(options.compile, arch);
  const NetworkPlan& plan = compiled.plan;
  const std::optional<Dataset> data = options.compile.load_data(plan);
  print_warnings(compiled.warnings);
  print_warnings(memory_warnings(arch));
  choice.functional = data.has_value();
  if (directory) check_names(*directory, plan, choice.functional);
  choice.count_switching = table.has_value();
  if (!data) say("timing only: no --data or --input, so there are no outputs\n");

  StagedRun run(compiled, arch, choice, table);
  std::vector<HostValues> items;
  try {
    if (data) {
      items = host_items(plan, *data);
      run_plan(plan, items, [&](size_t s, const auto& inputs) { return run.run(s, inputs); });
    } else {
      for (size_t s = 0; s < plan.stages.size(); ++s)
        if (plan.stages[s].device) run.run(s, {});
    }
  } catch (const StagedRun::Stopped&) {
    items.clear();
  }

  Report report =
      merge_reports(run.reports().empty() ? nothing_ran(plan, arch, choice) : run.reports());
  report.network = plan.name;
  const FallbackReport fallback = make_fallback_report(plan, run.reports(), report);
  report.accelerator_only = fallback.host_nodes() > 0;
  const bool finished = run.stopped().empty();
  std::optional<EnergyReport> energy;
  if (!run.energies().empty() && finished && run.agreed().equal && run.wrong().empty())
    energy = merge_energy(run.energies());
  if (!report.layers.empty()) say("\n" + layer_table(report));
  std::vector<std::optional<WeightPatterns>> weights;
  for (size_t s = 0; s < plan.stages.size(); ++s) {
    if (!plan.stages[s].device) continue;
    const auto part = weight_patterns(*plan.stages[s].device, compiled.programs[s]);
    weights.insert(weights.end(), part.begin(), part.end());
  }
  if (options.compile.sparsity) say("\n" + sparsity_table(weights));
  if (finished) {
    say("\n" + stage_table(fallback));
    say("\n" + totals(report) + fallback_totals(fallback) + "\n");
    if (energy) say(energy_text(*energy) + "\n");
    say("unit   cycles by cause\n" + unit_table(report.units, report.cycles));
  } else {
    say("\n" + run.reached());
  }
  if (!items.empty()) {
    std::vector<std::vector<float>> first;
    for (const HostValues& item : items) first.push_back(numbers_of(item.at(plan.outputs[0].name)));
    say("\n" + predictions_text(first, data->labels));
  }
  if (both) say("\n" + (run.agreed().equal ? agreement_text(run.agreed()) : run.divergence()));

  nlohmann::ordered_json json = to_json(report, arch, merge_results(run.results()));
  add_weights(weights, json);
  json["host_fallback"] = fallback_json(fallback);
  if (energy) json["energy"] = energy_json(*energy);
  if (both) json["agreement"] = agreement_json(run.agreed());
  json["provenance"] = provenance_json(options.compile.file(), report);
  if (directory) write_directory(*directory, report, compiled, items);
  write_result(options.json, directory, json);
  if (!run.agreed().equal) throw Error("RTL and model differ", ExitCode::kDifference);
  if (!run.wrong().empty()) throw Error(run.wrong(), ExitCode::kDifference);
  if (!finished) {
    print_err(run.results().back().dump);
    throw Error(run.stopped(), ExitCode::kStopped);
  }
  return ExitCode::kFine;
}

}  // namespace systole
