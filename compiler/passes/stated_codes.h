// SPDX-License-Identifier: Apache-2.0
// What only moves, and the codes of what only moves what the network has rounded.
#pragma once

#include <optional>

#include "compiler/graph/graph.h"

namespace systole::passes {

/// Whether `node` puts its operands together, element by element.
bool is_join(const graph::Node& node);

/// Whether the elements of the result of `node`, of one operand, before its clamp and function, are
/// elements of what it reads in other places, and padding.
bool moves_elements(const graph::Node& node);

/// The codes to which all elements of `v` are rounded: its own, or those of what it is cut, joined,
/// selected or padded with zeros from. None: it has values in between.
std::optional<graph::Codes> stated_codes(const graph::Graph& graph, graph::ValueId v);

/// The number that `value` is rounded to: that of one of the codes.
float as_code(float value, const graph::Codes& codes);

}  // namespace systole::passes
