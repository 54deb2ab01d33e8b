// SPDX-License-Identifier: Apache-2.0
// Front, back, run, report, energy; and the images.
#include "sim/study/measure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/pipeline/float_network.h"
#include "model/base/error.h"
#include "sim/energy/energy.h"
#include "sim/report/classify.h"
#include "sim/report/sparsity.h"
#include "sim/report/widths.h"
#include "sim/session/timed_run.h"

namespace systole::study {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StudyFigures, cycles, latency_ms, inferences_per_s, dram_bytes,
                                   gb_per_s, share_of_peak, tops, effective_tops, mac_utilisation,
                                   energy_per_inference_uj, bound_by, largest_stall, not_gained,
                                   weight_bytes, formats)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StudyRun, figures, failure)

void to_json(nlohmann::json& json, const StudyMeasurement& m) {
  json = {{"runs", m.runs},
          {"widths", m.widths},
          {"right", m.right},
          {"classes", m.classes},
          {"warnings", m.warnings}};
}

void from_json(const nlohmann::json& json, StudyMeasurement& m) {
  json.at("runs").get_to(m.runs);
  json.at("widths").get_to(m.widths);
  json.at("right").get_to(m.right);
  json.at("classes").get_to(m.classes);
  json.at("warnings").get_to(m.warnings);
}

namespace {

constexpr double kGigaPerMega = 1e-3, kMicroPerPico = 1e-6;

pipeline::NetworkPlan quantise(const StudyVariant& variant, const StudyConditions& conditions,
                               int64_t batch, std::vector<std::string>& warnings) {
  pipeline::FrontOptions front = conditions.front;
  front.batch = batch;
  front.prune.specs = variant.pruning.specs;
  front.precision = variant.precision.policy;
  if (conditions.front.precision.bias_correction && !variant.network.own_widths)
    front.precision.bias_correction = true;
  if (!variant.network.calibrated) front.calibration = nullptr;
  std::vector<std::string> said;
  front.warnings = &said;
  pipeline::NetworkPlan plan = pipeline::compile_front(variant.network.file, front);
  for (const std::string& text : said)
    if (std::find(warnings.begin(), warnings.end(), text) == warnings.end())
      warnings.push_back(text);
  return plan;
}

StudyFigures figures_of(const session::TimedRun& timed, const arch::ArchConfig& arch) {
  const report::Report& report = timed.run.report;
  StudyFigures figures;
  figures.cycles = report.cycles;
  figures.latency_ms = report.latency_ms;
  figures.inferences_per_s = report.inferences_per_s;
  figures.dram_bytes = report.bytes.total();
  figures.gb_per_s = report.bytes_per_cycle * report.clock_mhz * kGigaPerMega;
  figures.share_of_peak = report.bytes_per_cycle / report.peak_bytes_per_cycle;
  figures.tops = report.tops;
  figures.effective_tops = report.effective_tops;
  figures.mac_utilisation = report.mac_utilisation;
  figures.energy_per_inference_uj = timed.energy().per_inference_pj() * kMicroPerPico;
  figures.bound_by = report.lower_bound.largest_name();
  figures.largest_stall = report::largest_stall(report.units).name();
  const auto weights = session::weight_patterns(timed.compiled, arch);
  figures.not_gained = fmt::format("{}", fmt::join(report::not_gained(weights), "; "));
  const report::StoredWeights stored = report::stored_weights(weights);
  figures.weight_bytes = stored.bytes;
  figures.formats = stored.formats;
  return figures;
}

uint64_t elements(const pipeline::PlanTensor& tensor) {
  uint64_t product = 1;
  for (const int64_t dim : tensor.type.dims) product *= static_cast<uint64_t>(dim);
  return product;
}

/// The first line: reasons of several lines list every operator.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

StudyMeasurement measure_variant(const StudyVariant& variant, const StudyConditions& conditions) {
  StudyMeasurement result;
  std::optional<pipeline::NetworkPlan> one;  // of batch 1
  for (const int64_t batch : conditions.batches) {
    StudyRun run;
    try {
      session::TimedRun timed =
          session::run_timed(quantise(variant, conditions, batch, result.warnings), conditions.arch,
                             &conditions.table);
      run.figures = figures_of(timed, conditions.arch);
      result.widths = report::widths_text(timed.compiled.plan.graphs());
      result.classes = elements(timed.compiled.plan.outputs.at(0));
      if (batch == 1) one = std::move(timed.compiled.plan);
    } catch (const Error& error) {
      run.failure = first_line(error.what());
    }
    result.runs.push_back(std::move(run));
  }
  if (conditions.data == nullptr || result.widths.empty()) return result;
  if (!one) one = quantise(variant, conditions, 1, result.warnings);
  report::classify(*one, *conditions.data, [&](size_t item, const std::vector<float>& output) {
    result.right += report::is_right(*conditions.data, item, output);
  });
  return result;
}

uint64_t float32_right(const StudyNetwork& network, const pipeline::FrontOptions& front,
                       const data::Dataset& data) {
  const pipeline::FloatNetwork floats =
      pipeline::load_float_network(network.file, front.shapes, {}, front.host);
  uint64_t right = 0;
  for (size_t i = 0; i < data.items.size(); ++i)
    right += report::is_right(data, i, floats.run(data.items[i]));
  return right;
}

}  // namespace systole::study
