// SPDX-License-Identifier: Apache-2.0
// A float32 network that is read and calibrated once, and quantised as often as wanted.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/exec/float_executor.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/bias_correction.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/widths.h"

namespace systole {

class Requantiser {
 public:
  /// `options` as compile_front takes them; its calibration data must be there, of its precision
  /// the bias correction alone counts. Throws Error, also for a network that states all its scales
  /// itself.
  Requantiser(const std::filesystem::path& onnx, const FrontOptions& options);

  const Graph& graph() const { return executor_.graph(); }
  /// What compile_front makes with these widths, for `batch` items.
  QGraph quantise(const Widths& widths, int64_t batch) const;
  /// The first output of the float32 network for each calibration item.
  const std::vector<std::vector<float>>& outputs() const { return outputs_; }
  std::vector<float> run(const Item& item) const { return executor_.run(item).at(0); }

 private:
  void calibrate_widths(const FrontOptions& options);

  static constexpr std::array<int, 4> kBits = {8, 4, 2, 1};
  const std::string file_;
  FloatExecutor executor_;
  /// By kBits and ValueId: where the range depends on the width of the codes.
  std::array<std::vector<ValueRange>, kBits.size()> ranges_;
  std::optional<InputMeans> means_;  ///< if biases are corrected
  std::vector<std::vector<float>> outputs_;
};

}  // namespace systole
