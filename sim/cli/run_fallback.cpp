// SPDX-License-Identifier: Apache-2.0
// Compiles the stages, simulates those of the accelerator, computes the others, reports all of it.
#include "sim/cli/run_fallback.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "sim/cli/energy_option.h"
#include "sim/cli/npy_writer.h"
#include "sim/cli/output.h"
#include "sim/cli/run_data.h"
#include "sim/cli/run_text.h"
#include "sim/cli/staged_data.h"
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

std::optional<BatchData> load_data(const RunCommand& options, const Plan& plan) {
  const std::vector<RunInput> inputs = run_inputs(plan);
  if (!options.data.empty()) return load_batch(inputs, plan.batch, options.data);
  if (!options.inputs.empty()) return load_npy_batch(inputs, plan.batch, options.inputs);
  return std::nullopt;
}

void write_directory(OutputDirectory& directory, const std::string& json, const Report& report,
                     const CompiledPlan& compiled, const std::vector<HostValues>& outputs) {
  directory.write("result.json", json);
  if (!report.layers.empty()) directory.write("layers.csv", layers_csv(report));
  for (size_t s = 0; s < compiled.programs.size(); ++s) {
    if (compiled.plan.stages[s].device)
      compiled.programs[s].save(directory.path(fmt::format("stage-{}.sysb", s + 1)));
  }
  for (const PlanTensor& out : compiled.plan.outputs) {
    if (outputs.empty()) break;
    std::vector<float> values;
    for (const HostValues& item : outputs) {
      const std::vector<float> one = as_floats(item.at(out.name));
      values.insert(values.end(), one.begin(), one.end());
    }
    directory.write(file_name(out.name) + ".npy",
                    to_npy(values, batch_shape(out.type.dims, compiled.plan.batch)));
  }
  directory.commit();
}

}  // namespace

ExitCode run_with_host(const RunCommand& options) {
  check_options(options);
  SimulateOptions choice = options.simulate;
  const bool both = choice.engine == "both";
  const auto say = [quiet = options.json == "-"](const std::string& text) {
    if (!quiet) fmt::print("{}", text);
    std::fflush(stdout);
  };
  const ArchConfig arch = options.arch.load();
  const std::optional<EnergyTable> table = energy_option_table(options.energy, arch);
  std::optional<OutputDirectory> directory;
  if (!options.output.empty()) directory.emplace(options.output);
  say(headline(arch, both ? "rtl and model" : choice.engine));
  const CompiledPlan compiled = compile_staged(options.compile, arch);
  const Plan& plan = compiled.plan;
  const std::optional<BatchData> data = load_data(options, plan);
  print_warnings(compiled.warnings);
  print_warnings(memory_warnings(arch));
  choice.functional = data.has_value();
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

  Report report = merge_reports(run.reports());
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
    for (const HostValues& item : items) first.push_back(as_floats(item.at(plan.outputs[0].name)));
    say("\n" + predictions_text(first, data->labels));
  }
  if (both) say("\n" + (run.agreed().equal ? agreement_text(run.agreed()) : run.divergence()));

  nlohmann::ordered_json json = to_json(report, arch, merge_results(run.results()));
  add_weights(weights, json);
  json["host_fallback"] = fallback_json(fallback);
  if (energy) json["energy"] = energy_json(*energy);
  if (both) json["agreement"] = agreement_json(run.agreed());
  json["provenance"] = provenance_json(options.compile.file(), report);
  const std::string json_text = json.dump(1) + "\n";
  if (!options.json.empty()) write_output(options.json, json_text);
  if (directory) write_directory(*directory, json_text, report, compiled, items);
  if (!run.agreed().equal) throw Error("RTL and model differ", ExitCode::kDifference);
  if (!run.wrong().empty()) throw Error(run.wrong(), ExitCode::kDifference);
  if (!finished) {
    fmt::print(stderr, "{}", run.results().back().dump);
    throw Error(run.stopped(), ExitCode::kStopped);
  }
  return ExitCode::kFine;
}

}  // namespace systole
