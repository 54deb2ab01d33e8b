// SPDX-License-Identifier: Apache-2.0
// What single nodes of the float graph make, with their clamps, functions and roundings.
#pragma once

#include <functional>
#include <vector>

#include "compiler/exec/float_operators.h"
#include "compiler/graph/graph.h"

namespace systole::exec {

/// Rounds `values` to the real numbers that `codes` stand for.
void round_to(const graph::Codes& codes, Tensor& values);

/// The result of `node` of `values` by their ids. `before` (may be empty) sees what its function is
/// of.
Tensor make_node(const graph::Graph& graph, const graph::Node& node,
                 const std::vector<Tensor>& values,
                 const std::function<void(const Tensor&)>& before = {});

/// The outputs, out of all values, as the network states them.
std::vector<Tensor> outputs_of(const graph::Graph& graph, const std::vector<Tensor>& values);

/// The outputs if value `changed` is `elements`: what follows from it is made anew. `values`: all
/// of one item by ValueId, as an observer saw them; they are afterwards as before.
std::vector<Tensor> outputs_if(const graph::Graph& graph, std::vector<Tensor>& values,
                               graph::ValueId changed, Tensor elements);

}  // namespace systole::exec
