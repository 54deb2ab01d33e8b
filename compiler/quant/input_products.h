// SPDX-License-Identifier: Apache-2.0
// Rounding with error feedback: what a weight loses by rounding, the weights behind it make up for,
// as far as the data lets them (Frantar et al., "GPTQ: Accurate Post-Training Quantization for
// Generative Pre-trained Transformers", ICLR 2023).
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/quantise.h"

namespace systole::quant {

/// The sums over calibration items and output positions of products of the taps of a window, of
/// each layer that rounds_weights: how much the errors of two weights add up in its results. Taps
/// are taken together in blocks.
class InputProducts {
 public:
  /// Keeps `graph`, which must outlive it.
  explicit InputProducts(const graph::Graph& graph);

  /// Observers of `method` that show this, too, what they see; it must outlive them.
  RangeObserverFactory watched(RangeObserverFactory method);
  /// How to round the weights of `node`, which rounds_weights, to `bits`. Weights that are 0 (they
  /// are pruned) stay 0. This must outlive it.
  RoundChannel rounding(const graph::Node& node, int bits) const;

 private:
  /// Of consecutive taps.
  struct Block {
    size_t first = 0;
    Eigen::MatrixXf sums;
  };
  /// Of a layer, by groups of its channels.
  struct Layer {
    const graph::Node* node = nullptr;
    std::vector<std::vector<Block>> groups;
  };
  class Watcher;

  void add(Layer& layer, const std::vector<float>& elements) const;

  const graph::Graph* graph_;
  std::vector<std::vector<Layer>> layers_;  ///< by the ValueId that they read
};

}  // namespace systole::quant
