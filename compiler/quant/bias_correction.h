// SPDX-License-Identifier: Apache-2.0
// Bias correction: rounding weights moves the mean of a layer's results, and its bias moves it back
// (Nagel et al., "Data-Free Quantization through Weight Equalization and Bias Correction", ICCV
// 2019, with means from data).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/quantise.h"

namespace systole::quant {

/// Whether rounding moves the results of `node`: a convolution or gemm whose weights do not arrive
/// as integers and do not merely select.
bool rounds_weights(const graph::Node& node);

/// The mean over calibration items of what such layers read, element by element.
class InputMeans {
 public:
  explicit InputMeans(const graph::Graph& graph);

  /// Observers of `method` that show this, too, what they see; it must outlive them.
  RangeObserverFactory watched(RangeObserverFactory method);
  /// The mean of `value`, [c][h][w]: the input of a layer that rounds_weights, observed at least
  /// once.
  std::vector<double> of(graph::ValueId value) const;

 private:
  struct Sum {
    bool wanted = false;
    uint64_t items = 0;
    std::vector<double> elements;
  };
  class Watcher;
  std::vector<Sum> sums_;  ///< by ValueId
};

/// What `weights` instead of the float ones add to the mean of each output channel of `conv`, whose
/// input has the mean `mean` (as InputMeans::of) and which gives `out`: the convolution of the mean
/// with the differences, averaged over output positions. Pads are 0 in both.
std::vector<double> mean_shift(const graph::Conv& conv, const graph::Chw& in, const graph::Chw& out,
                               const std::vector<double>& mean, const QuantisedWeights& weights);

/// Takes `shift` off the biases of `weights`, which are for input `x`. Throws Error (cannot
/// compile) naming `layer` if a sum could leave 32 bits.
void correct_bias(const std::string& layer, const std::vector<double>& shift, const Affine& x,
                  QuantisedWeights& weights);

}  // namespace systole::quant
