// SPDX-License-Identifier: Apache-2.0
// Which values of the float graph lie inside others: concatenations, slices and reshapes cost
// nothing.
#pragma once

#include <vector>

#include "compiler/graph/graph.h"

namespace systole::quant {

/// Where a value lies; base kNoValue: it has a place of its own.
struct ValuePlace {
  graph::ValueId base = graph::kNoValue;
  graph::Chw first = {0, 0, 0};  ///< the element of `base` it begins with
  int64_t step_h = 1, step_w = 1;
  bool reshaped = false;
};

/// The place of every value, by ValueId; bases have none themselves. `graph` has been through
/// place_joins.
std::vector<ValuePlace> place_values(const graph::Graph& graph);

}  // namespace systole::quant
