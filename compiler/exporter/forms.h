// SPDX-License-Identifier: Apache-2.0
// The orders of dimensions in which a tensor of the network may stand in a file.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole::exporter {

enum class Form {
  kMap,       ///< [n, c, h, w]
  kFeatures,  ///< [n, c * h * w]
  kLine,      ///< [n, c, w], of one row
  kMapLast,   ///< [n, h, w, c]
  kLineLast,  ///< [n, w, c], of one row
};

/// The form that the network states for `value`; nothing for other orders.
std::optional<Form> stated_form(const graph::Value& value);
/// The dimensions of `shape` in that form, with `batch` in front.
std::vector<int64_t> dims_of(const graph::Chw& shape, Form form, int64_t batch);
/// The dimension of a value's axis in that form.
int64_t dimension_of(graph::Axis axis, Form form);

}  // namespace systole::exporter
