// SPDX-License-Identifier: Apache-2.0
// Which outputs of a network stay the int32 sums of their convolution.
#pragma once

#include <vector>

#include "compiler/graph/graph.h"

namespace systole::quant {

/// By value: whether it is stored as int32 sums. Such is an output that the network does not
/// quantise, made by a convolution whose input and weights it does (the logits of networks trained
/// at low bits): any scale of eight bits would lose what their integers say.
std::vector<bool> values_kept_as_sums(const graph::Graph& graph);

}  // namespace systole::quant
