// SPDX-License-Identifier: Apache-2.0
// What the operators of the float graph compute.
#pragma once

#include <vector>

#include "compiler/graph/graph.h"

namespace systole::exec {

/// The elements of one item of a value, NCHW.
using Tensor = std::vector<float>;

/// The result of `node`, before its clamp and function, of `values` by their ids.
Tensor compute(const graph::Graph& graph, const graph::Node& node,
               const std::vector<Tensor>& values);

}  // namespace systole::exec
