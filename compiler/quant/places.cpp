// SPDX-License-Identifier: Apache-2.0
// Parts of concats lie in their result, slices and reshapes in their source, and so on outwards.
#include "compiler/quant/places.h"

#include "model/base/error.h"

namespace systole::quant {

namespace {

/// The place of what lies at `inner` in a value that lies at `outer`.
ValuePlace combined(const ValuePlace& inner, const ValuePlace& outer) {
  if (outer.base == graph::kNoValue) return inner;
  if (inner.reshaped && outer.reshaped) return outer;
  if (inner.reshaped || outer.reshaped) throw internal_error("a reshaped box has no place");
  ValuePlace place = outer;
  place.first.c += inner.first.c;
  place.first.h += inner.first.h * outer.step_h;
  place.first.w += inner.first.w * outer.step_w;
  place.step_h *= inner.step_h;
  place.step_w *= inner.step_w;
  return place;
}

}  // namespace

std::vector<ValuePlace> place_values(const graph::Graph& graph) {
  std::vector<ValuePlace> places(graph.values.size());
  for (const graph::Node& node : graph.nodes) {
    if (node.op == graph::Op::kConcat) {
      graph::Chw at = {0, 0, 0};
      for (graph::ValueId part : node.inputs) {
        places[static_cast<size_t>(part)] = {node.output, at};
        const graph::Chw size = graph.shape(part);
        if (node.axis == graph::Axis::kChannel) at.c += size.c;
        if (node.axis == graph::Axis::kRow) at.h += size.h;
        if (node.axis == graph::Axis::kColumn) at.w += size.w;
      }
    } else if (node.op == graph::Op::kInterleave) {
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        const graph::Part& p = node.parts[k];
        places[static_cast<size_t>(node.inputs[k])] = {
            node.output, {0, p.h, p.w}, p.step_h, p.step_w};
      }
    } else if (node.op == graph::Op::kSlice) {
      places[static_cast<size_t>(node.output)] = {node.inputs[0], node.first};
    } else if (node.op == graph::Op::kReshape) {
      places[static_cast<size_t>(node.output)] = {node.inputs[0], {0, 0, 0}, 1, 1, true};
    }
  }
  // A value's base may lie in another one; chains are short.
  for (ValuePlace& place : places) {
    while (place.base != graph::kNoValue &&
           places[static_cast<size_t>(place.base)].base != graph::kNoValue) {
      const ValuePlace outer = places[static_cast<size_t>(place.base)];
      place = combined(place, outer);
      place.base = outer.base;
    }
  }
  return places;
}

}  // namespace systole::quant
