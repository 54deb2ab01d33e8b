// SPDX-License-Identifier: Apache-2.0
// The codes of values that only move what the network has rounded.
#pragma once

#include <optional>

#include "compiler/graph/graph.h"

namespace systole {

/// The codes to which all elements of `v` are rounded: its own, or those of what it is cut, joined,
/// selected or padded with zeros from. None: it has values in between.
std::optional<Codes> stated_codes(const Graph& graph, ValueId v);

/// The number that `value` is rounded to: that of one of the codes.
float as_code(float value, const Codes& codes);

}  // namespace systole
