// SPDX-License-Identifier: Apache-2.0
// Which values share a scale: what lies in another value, and what is a copy of one.
#pragma once

#include <map>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/quant/places.h"

namespace systole::quant {

/// Of a graph that has been through run_passes and outlives this.
class ScaleSources {
 public:
  explicit ScaleSources(const graph::Graph& graph);

  /// The value that gives `v` its scale: itself, what it lies in, or what it is a copy of, also
  /// where the network states the same codes of both.
  graph::ValueId of(graph::ValueId v) const;
  /// Operators that only select or copy keep their input's scale: no rounding happens. Not if their
  /// clamp gives what their input may not hold, or leaves so little that it is worth finer steps
  /// than the input's, unless the network states those.
  bool copies(const graph::Node& node) const;
  const ValuePlace& place(graph::ValueId v) const { return places_.at(static_cast<size_t>(v)); }

 private:
  const graph::Graph& graph_;
  std::vector<ValuePlace> places_;
  std::map<graph::ValueId, const graph::Node*> maker_;
};

}  // namespace systole::quant
