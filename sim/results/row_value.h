// SPDX-License-Identifier: Apache-2.0
// A column of a row as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/results/sqlite.h"

namespace systole::results {

/// A whole number, a real one, a text, or null.
inline nlohmann::json row_value(const Statement& row, int column) {
  switch (row.type(column)) {
    case SQLITE_INTEGER:
      return row.integer(column);
    case SQLITE_FLOAT:
      return row.real(column);
    case SQLITE_TEXT:
      return row.text(column);
    default:
      return nullptr;
  }
}

}  // namespace systole::results
