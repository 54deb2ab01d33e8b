// SPDX-License-Identifier: Apache-2.0
// Which channels of which values can only go together.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole::prune {

/// Channels of the values of a graph, in classes: residual adds, concats, depthwise convolutions
/// and elementwise operators tie channels of their operands to those of their results;
/// convolutions and gemms do not.
class ChannelClasses {
 public:
  explicit ChannelClasses(const graph::Graph& graph);

  /// The class of channel `c` of `v`, a number below size().
  size_t of(graph::ValueId v, int64_t c) const;
  size_t size() const { return parent_.size(); }
  /// Whether the class cannot go: inputs and outputs of the network, convolutions in groups.
  bool stays(size_t c) const { return stays_[c]; }

 private:
  size_t element(graph::ValueId v, int64_t c) const {
    return first_[static_cast<size_t>(v)] + static_cast<size_t>(c);
  }
  size_t root(size_t element) const;
  void tie(graph::ValueId a, int64_t ca, graph::ValueId b, int64_t cb);
  /// `count` channels of `a` from `ca` on to those of `b` from `cb` on.
  void tie_range(graph::ValueId a, int64_t ca, graph::ValueId b, int64_t cb, int64_t count);
  void keep(graph::ValueId v);
  void tie_node(const graph::Node& node);
  void tie_conv(const graph::Node& node, const graph::Conv& conv);

  const graph::Graph& graph_;
  std::vector<size_t> first_;  ///< element of channel 0, by value
  std::vector<size_t> parent_;
  std::vector<bool> kept_, stays_;  ///< by element, by root
};

}  // namespace systole::prune
