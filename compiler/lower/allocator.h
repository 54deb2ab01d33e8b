// SPDX-License-Identifier: Apache-2.0
// Free space of the unified buffer, and places for buffers so that units meet in different banks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/lower/span.h"

namespace systole::lower {

/// The free words of a unified buffer.
class FreeSpace {
 public:
  FreeSpace(int64_t words, int64_t bank_words) : bank_words_(bank_words), gaps_{{0, words}} {}

  /// Removes `taken` from the free words; parts that are not free are ignored.
  void take(Range taken);
  /// The lowest address where `words` fit.
  std::optional<int64_t> first_fit(int64_t words) const;
  /// The address where `words` fit that shares the fewest words with `old` ranges, then the fewest
  /// banks with `rivals`, then, with `few_banks`, lies in the fewest, then the lowest that begins
  /// in `first_bank` or behind, then the lowest.
  std::optional<int64_t> spread_fit(int64_t words, const std::vector<Range>& rivals,
                                    const std::vector<Range>& old, bool few_banks = false,
                                    int64_t first_bank = 0) const;
  /// Whether buffers of these sizes (largest first) all fit, each at its first fit.
  bool fits(std::vector<int64_t> sizes) const;
  /// Whether all of this is free in `other` too.
  bool within(const FreeSpace& other) const;

  /// Free words in all.
  int64_t total() const;
  /// The first `words` of the free words.
  FreeSpace limited(int64_t words) const;
  const std::vector<Range>& gaps() const { return gaps_; }

 private:
  uint32_t banks(Range range) const;
  int64_t ceil_to_bank(int64_t address) const {
    return (address + bank_words_ - 1) / bank_words_ * bank_words_;
  }

  int64_t bank_words_;
  std::vector<Range> gaps_;  ///< sorted, disjoint, not empty
};

/// A buffer to be placed. Buffers of one kind are written by one unit and read by one other: they
/// are no rivals, as banks have a port for each.
struct Buffer {
  int64_t words = 0;
  int kind = 0;
};

/// Where buffers go: in the best places that spread_fit finds one after the other (a later buffer
/// is a rival of the earlier ones of other kinds), or, if those do not fit so, packed. Their sizes
/// must pass FreeSpace::fits.
std::vector<Range> place_buffers(const FreeSpace& space, const std::vector<Buffer>& buffers,
                                 const std::vector<Range>& rivals, const std::vector<Range>& old,
                                 int64_t first_bank = 0);

}  // namespace systole::lower
