// SPDX-License-Identifier: Apache-2.0
// A patch that serves several tiles, one below the other: each loads the rows that those before it
// did not.
#pragma once

#include "compiler/lower/plan.h"

namespace systole::lower {

/// Which input rows of which item the buffer of a strip holds.
class Strip {
 public:
  /// Whether `rows` of `item` are there or can follow, in a buffer of `capacity` rows.
  bool fits(int64_t item, Range rows, int64_t capacity) const {
    return item == item_ && rows.first >= rows_.first && rows.first <= rows_.end() &&
           rows.end() <= rows_.first + capacity;
  }
  /// Makes room for `rows` of `item`. Tiles ask in order. Whether it began anew for that.
  bool extend(int64_t item, Range rows, int64_t capacity);
  /// Whether it has all of `rows` of `item`.
  bool holds(int64_t item, Range rows) const {
    return item == item_ && rows.first >= rows_.first && rows.end() <= rows_.end();
  }
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
