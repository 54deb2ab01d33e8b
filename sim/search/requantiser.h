// SPDX-License-Identifier: Apache-2.0
// A float32 network that is read and calibrated once, and quantised as often as wanted.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compiler/pipeline/plan.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/layer_data.h"
#include "compiler/quant/widths.h"

namespace systole::search {

class Requantiser {
 public:
  /// `options` as compile_front takes them; its calibration data must be there, of its precision
  /// the bias correction alone counts. Throws Error, also for a network that states all its scales
  /// itself.
  Requantiser(const std::filesystem::path& onnx, const pipeline::FrontOptions& options);

  /// The same network, pruned by `more` after what the options say; calibrated anew.
  Requantiser pruned(const std::vector<prune::PruneSpec>& more) const;

  /// Of the accelerator's stages.
  std::vector<const graph::Graph*> graphs() const { return network_.graphs(); }
  /// What compile_front makes with these widths of each graph, for `batch` items.
  pipeline::NetworkPlan quantise(const std::vector<quant::Widths>& widths, int64_t batch) const;
  /// The first output of the float32 network for each calibration item, before what the host does
  /// to the accelerator's outputs.
  const std::vector<std::vector<float>>& outputs() const { return outputs_; }
  /// The same of another item.
  std::vector<float> run(const data::Item& item) const;

 private:
  static constexpr std::array<int, 4> kBits = {8, 4, 2, 1};
  /// A stage of the accelerator.
  struct Stage {
    /// By kBits and ValueId: where the range depends on the width of the codes.
    std::array<std::vector<quant::ValueRange>, kBits.size()> ranges;
    quant::LayerData data;
    bool own_scales = false;
  };

  void calibrate_stages(const pipeline::FrontOptions& options);
  void calibrate_stage(const pipeline::FloatStage& stage, std::vector<pipeline::HostValues>& items,
                       const pipeline::FrontOptions& options);

  const std::filesystem::path file_;
  const pipeline::FrontOptions options_;
  pipeline::FloatPlan network_;
  std::vector<Stage> stages_;
  std::vector<std::vector<float>> outputs_;
};

}  // namespace systole::search
