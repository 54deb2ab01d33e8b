// SPDX-License-Identifier: Apache-2.0
// The quantised graph, run as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

#include "compiler/exec/dense_conv.h"
#include "compiler/exec/grouped_conv.h"
#include "compiler/graph/qgraph.h"

namespace systole::exec {

/// Runs a quantised graph directly on int8 tensors (bit-exact with the hardware; for accuracy), as
/// often as is asked: weights are prepared once. Several threads may run one.
class QGraphExecutor {
 public:
  /// Called once with the stored bytes (NHWC, one a value at every width) of each tensor: of inputs
  /// and of what operators make as soon as they are there, before anything reads them, so that it
  /// may put others in their place; of what lies in other tensors, or is made of its parts, at the
  /// end.
  using Observer = std::function<void(graph::TensorId, std::vector<int8_t>&)>;

  /// `graph` must stay.
  explicit QGraphExecutor(const graph::QGraph& graph);
  const graph::QGraph& graph() const { return graph_; }

  /// `inputs`: stored bytes NHWC of each of graph.inputs, whole batch; returns the stored bytes of
  /// each output. Throws Error if there are others, or of another size.
  std::vector<std::vector<int8_t>> run(const std::vector<std::vector<int8_t>>& inputs,
                                       const Observer& observe = {}) const;

 private:
  void run_op(size_t index, Tensors& tensors) const;

  const graph::QGraph& graph_;
  /// By operator: what is known of it before it runs.
  std::vector<std::variant<std::monostate, DenseConv, GroupedConv>> prepared_;
};

/// One run.
std::vector<std::vector<int8_t>> run_qgraph(const graph::QGraph& graph,
                                            const std::vector<std::vector<int8_t>>& inputs);
inline std::vector<std::vector<int8_t>> run_qgraph(const graph::QGraph& graph,
                                                   const std::vector<int8_t>& input) {
  return run_qgraph(graph, std::vector<std::vector<int8_t>>{input});
}

}  // namespace systole::exec
