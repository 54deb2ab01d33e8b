// SPDX-License-Identifier: Apache-2.0
// What only moves, and the codes of what only moves what the network has rounded.
#pragma once

#include <optional>

#include "compiler/graph/graph.h"

namespace systole {

/// Whether `node` puts its operands together, element by element.
bool is_join(const Node& node);

/// Whether the elements of the result of `node`, of one operand, before its clamp and function, are
/// elements of what it reads in other places, and padding.
bool moves_elements(const Node& node);

/// The codes to which all elements of `v` are rounded: its own, or those of what it is cut, joined,
/// selected or padded with zeros from. None: it has values in between.
std::optional<Codes> stated_codes(const Graph& graph, ValueId v);

/// The number that `value` is rounded to: that of one of the codes.
float as_code(float value, const Codes& codes);

}  // namespace systole
