// SPDX-License-Identifier: Apache-2.0
// Which layer of a quantised network loses what float32 had.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/fidelity/likeness.h"
#include "compiler/pipeline/float_plan.h"
#include "compiler/pipeline/plan.h"

namespace systole::fidelity {

/// What a layer, or the codes of an input, does to the network. Everything but that layer is
/// float32 where it is *alone*: its result is that of float32 and what the layer itself adds to it,
/// by its weights, its arithmetic and the codes of its result, on an input as the codes of that
/// hold it.
struct LayerFidelity {
  std::string layer;       ///< of the ONNX node; of an input its name
  std::string kind;        ///< "conv 3x3/2", "input"
  std::string tensor;      ///< that it gives
  int weight_bits = 0;     ///< 0: it has none
  int bits = 8;            ///< of the codes of its result
  Likeness output_alone;   ///< of the network's first output
  size_t right_alone = 0;  ///< items whose label that output names
  Likeness alone;          ///< of its result
  Likeness cumulative;     ///< of its result, all layers quantised
  double saturated = 0;    ///< share of the values of float32 beyond its codes; none of sums
  double range_used = 0;   ///< share of its codes between the least and the greatest that float32
                           ///< reaches; of sums 0
  int64_t worst_channel = -1;  ///< of its result, alone, by decibels; -1: all are exact
  std::optional<double> worst_decibels;
};

struct NetworkFidelity {
  size_t items = 0;
  bool has_labels = false;
  size_t right_float = 0, right = 0;  ///< items whose label the first output names
  Likeness output;                    ///< of the first output, all layers quantised
  std::vector<LayerFidelity> layers;  ///< the first does most damage: the noisiest output_alone
};

/// Compares `plan`, of batch 1 and made of `network`, with `network` on `items`. `labels`: one
/// each; empty: there are none. Outputs are those before what the host does to them (softmax).
/// `progress` (may be empty): items done. Throws Error if there is no item, or no layer with a form
/// in float32.
NetworkFidelity compare_layers(const pipeline::FloatPlan& network,
                               const pipeline::NetworkPlan& plan, const data::Items& items,
                               const std::vector<int>& labels,
                               const std::function<void(size_t done)>& progress = {});
/// The same of data in memory.
inline NetworkFidelity compare_layers(const pipeline::FloatPlan& network,
                                      const pipeline::NetworkPlan& plan, const data::Dataset& data,
                                      const std::function<void(size_t done)>& progress = {}) {
  return compare_layers(network, plan, data::items_of(data), data.labels, progress);
}

}  // namespace systole::fidelity
