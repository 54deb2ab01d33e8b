// SPDX-License-Identifier: Apache-2.0
// Hands out rows of the accumulators: the two halves take turns, each filled by a few column tiles.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "compiler/lower/span.h"

namespace systole::lower {

/// The vector unit cannot read a half that the matrix unit writes. The more column tiles fill a
/// half, the less often one unit waits until the array has drained.
class AccRows {
 public:
  explicit AccRows(int64_t acc_rows) : capacity_(acc_rows / 2) {}

  /// The next tile begins a half.
  void close() { tiles_ = 0; }

  /// Rows for one more tile of `rows`; `together`: as many tiles may fill a half.
  int64_t take(int64_t rows, int64_t together) {
    const bool below = low_ >= rows, above = high_ + rows <= capacity_;
    int64_t at = 0;
    if (tiles_ == 0 || tiles_ >= together || (!below && !above)) {
      half_ ^= 1;
      tiles_ = 0;
      // On what was written last in this half, so that it waits until the vector unit is through
      // with all of it.
      at = std::min(last_.at(half_), capacity_ - rows);
      low_ = at, high_ = at + rows;
    } else {
      at = below ? low_ - rows : high_;
      low_ = std::min(low_, at), high_ = std::max(high_, at + rows);
    }
    ++tiles_;
    last_.at(half_) = at;
    return static_cast<int64_t>(half_) * capacity_ + at;
  }

 private:
  const int64_t capacity_;
  size_t half_ = 1;
  int64_t tiles_ = 0;              ///< in the half
  int64_t low_ = 0, high_ = 0;     ///< rows of the half that they take
  std::array<int64_t, 2> last_{};  ///< first row of what each half got last
};

}  // namespace systole::lower
