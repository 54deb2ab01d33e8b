// SPDX-License-Identifier: Apache-2.0
// Quantises the network with its calibration data and runs every item.
#include "sim/sweep/accuracy.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/quant/calibrate.h"
#include "model/base/error.h"
#include "sim/report/classify.h"
#include "sim/sweep/front_half.h"

namespace systole::sweep {

nlohmann::json accuracy_of(const SweepPoint& point, const arch::ArchConfig& arch) {
  if (point.file.extension() == ".csv")
    throw Error("data: a topology classifies nothing, expected an ONNX file");
  session::NetworkRequest request = request_of(point);
  request.bias_correction = point.bias_correction;
  const std::vector<data::NetworkInput> inputs = request.taken();
  const data::Dataset data = data::load_dataset(point.data, inputs, point.data_limit);
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
  size_t right = 0;
  report::classify(plan, data, [&](size_t item, const std::vector<float>& output) {
    right += report::is_right(data, item, output);
  });
  const auto images = static_cast<double>(data.items.size());
  const double share = static_cast<double>(right) / images;
  return {{"figures",
           {{"top1", 100 * share},
            {"top1_error", 100 * std::sqrt(share * (1 - share) / images)},
            {"images", data.items.size()}}},
          {"warnings", warnings}};
}

}  // namespace systole::sweep
