// SPDX-License-Identifier: Apache-2.0
// Runs the float graph on one item: the reference for accuracy, and the source of calibration
// ranges.
#pragma once

#include <functional>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole::exec {

class FloatExecutor {
 public:
  /// Called with every value of the graph that the run produces, the inputs first.
  using Observer = std::function<void(graph::ValueId, const std::vector<float>&)>;

  explicit FloatExecutor(graph::Graph graph);
  const graph::Graph& graph() const { return graph_; }
  /// Runs one item, an array for each input in the order the network states (NCHW, or NHWC where it
  /// says so); returns the outputs likewise, host steps not applied. Throws Error if a size is
  /// wrong.
  std::vector<std::vector<float>> run(const std::vector<std::vector<float>>& inputs,
                                      const Observer& observe = {}) const;
  std::vector<std::vector<float>> run(const std::vector<float>& input,
                                      const Observer& observe = {}) const {
    return run(std::vector<std::vector<float>>{input}, observe);
  }

 private:
  graph::Graph graph_;
  std::vector<size_t> last_use_;  ///< of each value: index of the last node that reads it
};

}  // namespace systole::exec
