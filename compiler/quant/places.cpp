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
    if (const auto* concat = node.if_is<graph::Concat>()) {
      graph::Chw at = {0, 0, 0};
      for (graph::ValueId part : node.inputs) {
        places[static_cast<size_t>(part)] = {node.output, at};
        graph::Chw size = graph.shape(part);
        along(at, concat->axis) += along(size, concat->axis);
      }
    } else if (const auto* join = node.if_is<graph::Interleave>()) {
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        const graph::Part& p = join->parts[k];
        const graph::Chw size = graph.shape(node.inputs[k]);
        const int64_t step_h = size.h > 1 ? p.step_h : 1, step_w = size.w > 1 ? p.step_w : 1;
        places[static_cast<size_t>(node.inputs[k])] = {node.output, {0, p.h, p.w}, step_h, step_w};
      }
    } else if (const auto* slice = node.if_is<graph::Slice>()) {
      places[static_cast<size_t>(node.output)] = {node.inputs[0], slice->first};
    } else if (node.is<graph::Reshape>()) {
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
