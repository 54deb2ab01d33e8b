// SPDX-License-Identifier: Apache-2.0
// A patch that serves several tiles, one below the other: each loads the rows that those before it
// did not.
#pragma once

#include "compiler/lower/plan.h"

namespace systole::lower {

/// Which input rows of which item the buffer of a strip holds.
class Strip {
 public:
  /// Makes room for `rows` of `item`, in a buffer of `capacity` rows. Tiles ask in order. Whether
  /// that takes the next buffer.
  bool extend(int64_t item, Range rows, int64_t capacity);
  /// The rows that the last extend() added.
  Range added() const { return added_; }
  /// The first row of the buffer, and its address.
  int64_t first() const { return rows_.first; }
  int64_t address = 0;

 private:
  int64_t item_ = -1;
  Range rows_, added_;
};

/// Whether tiles of `plan` need input rows or columns that other tiles need as well.
bool can_strip(const Layer& layer, const Plan& plan);

/// Input rows and columns that a buffer of a strip holds.
int64_t strip_rows(const Plan& plan);
int64_t strip_columns(const Plan& plan);
/// Input rows that are loaded for an item, all strips together.
int64_t loaded_rows(const Plan& plan);

}  // namespace systole::lower
