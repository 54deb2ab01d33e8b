// SPDX-License-Identifier: Apache-2.0
// Runs the float graph on one item: the reference for accuracy, and the source of calibration
// ranges.
#pragma once

#include <functional>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole {

class FloatExecutor {
 public:
  /// Called with every value of the graph that the run produces, the input first.
  using Observer = std::function<void(ValueId, const std::vector<float>&)>;

  explicit FloatExecutor(Graph graph);
  const Graph& graph() const { return graph_; }
  /// Runs one item (NCHW); returns the outputs, host steps not applied. Throws Error if the size is
  /// wrong.
  std::vector<std::vector<float>> run(const std::vector<float>& input,
                                      const Observer& observe = {}) const;

 private:
  Graph graph_;
  std::vector<size_t> last_use_;  ///< of each value: index of the last node that reads it
};

}  // namespace systole
