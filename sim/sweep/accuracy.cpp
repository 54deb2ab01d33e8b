// SPDX-License-Identifier: Apache-2.0
// Quantises the network with its calibration data and runs every item.
#include "sim/sweep/accuracy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/quant/calibrate.h"
#include "model/base/error.h"
#include "sim/metric/command.h"
#include "sim/metric/metric.h"
#include "sim/report/classify.h"
#include "sim/report/widths.h"
#include "sim/sweep/front_half.h"

namespace systole::sweep {

namespace {

constexpr size_t kGroups = 10;  // without each of which a command is called again, for its error

using Run = std::function<std::vector<std::vector<float>>(const data::Item&)>;

/// Throws Error: there is no float32.
Run float32_of(const session::NetworkRequest& request, const pipeline::NetworkPlan& plan) {
  if (plan.states_own_integers())
    throw Error("metric: the network states its own integers, there is no float32");
  auto network = std::make_shared<const pipeline::FloatNetwork>(pipeline::load_float_network(
      request.network, request.input_shapes(), {}, request.host_fallback));
  return [network](const data::Item& item) { return network->run_all(item); };
}

metric::Figure by_command(const SweepPoint& point, const pipeline::NetworkPlan& plan,
                          const data::DatasetFile& data, const Run& run) {
  const std::vector<metric::Output> outputs = metric::outputs_of(plan);
  metric::Outputs given;
  for (size_t i = 0; i < data.size(); ++i) given.push_back(run(data.item(i)));
  const metric::Command command(point.metric_command, kGroups, data.labels(), outputs);
  return metric::figure_of(command.measure(report::widths_text(plan.graphs()), given));
}

metric::Figure by_name(const SweepPoint& point, const session::NetworkRequest& request,
                       const pipeline::NetworkPlan& plan, const data::DatasetFile& data,
                       const Run& run) {
  const metric::Metric by = metric::metrics().at(point.metric);
  metric::check_labels(by, data.labels(), plan.outputs.at(0).type.dims, point.data.string());
  Run exact;
  if (!metric::needs_labels(by)) exact = float32_of(request, plan);
  metric::Scores scores;
  for (size_t i = 0; i < data.size(); ++i) {
    const data::Item item = data.item(i);
    const std::vector<float> output = run(item).at(0);
    if (exact) {
      scores.push_back(metric::score(by, exact(item).at(0), output));
      continue;
    }
    if (i == 0) metric::check_output(by, data.labels(), output);
    scores.push_back(metric::score(by, data.labels(), i, output));
  }
  return metric::figure_of(by, scores);
}

nlohmann::json metric_figures(const SweepPoint& point, const session::NetworkRequest& request,
                              const pipeline::NetworkPlan& plan, const data::DatasetFile& data) {
  const pipeline::PlanExecutor executor(plan);
  const Run run = [&](const data::Item& item) { return executor.all_outputs(item); };
  const metric::Figure figure = point.metric_command.empty()
                                    ? by_name(point, request, plan, data, run)
                                    : by_command(point, plan, data, run);
  if (!std::isfinite(figure.value)) throw Error("metric: its value is not finite");
  nlohmann::json figures = {{"metric", figure.value}, {"images", data.size()}};
  if (figure.error) figures["metric_error"] = *figure.error;
  return figures;
}

}  // namespace

nlohmann::json accuracy_of(const SweepPoint& point, const arch::ArchConfig& arch) {
  if (point.file.extension() == ".csv")
    throw Error("data: a topology classifies nothing, expected an ONNX file");
  session::NetworkRequest request = request_of(point);
  request.bias_correction = point.bias_correction;
  const std::vector<data::NetworkInput> inputs = request.taken();
  const data::DatasetFile data(point.data, inputs, point.data_limit,
                               point.has_metric() ? data::Labels::kSeveral : data::Labels::kOne);
  std::optional<data::Dataset> calibration;
  if (!point.calib.empty()) calibration = data::load_dataset(point.calib, inputs);

  std::vector<std::string> warnings;
  pipeline::FrontOptions options =
      request.front_options(arch, calibration ? &*calibration : nullptr);
  options.prune = {prune::parse_joined_prune(point.prune), arch.hw};
  options.warnings = &warnings;
  const pipeline::NetworkPlan plan = pipeline::compile_front(point.file, options);
  if (!calibration && std::find(warnings.begin(), warnings.end(),
                                quant::random_calibration_warning()) != warnings.end())
    throw Error("calib: missing, expected data that its ranges are taken from");
  if (point.has_metric())
    return {{"figures", metric_figures(point, request, plan, data)}, {"warnings", warnings}};
  size_t right = 0;
  report::classify(plan, data.items(), [&](size_t item, const std::vector<float>& output) {
    right += report::is_right(data.labels(), item, output);
  });
  const auto images = static_cast<double>(data.size());
  const double share = static_cast<double>(right) / images;
  return {{"figures",
           {{"top1", 100 * share},
            {"top1_error", 100 * std::sqrt(share * (1 - share) / images)},
            {"images", data.size()}}},
          {"warnings", warnings}};
}

}  // namespace systole::sweep
