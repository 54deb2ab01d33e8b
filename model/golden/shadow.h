// SPDX-License-Identifier: Apache-2.0
// Who last wrote and who has read since, for every byte or row of every storage; and vector clocks.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "model/golden/footprint.h"

namespace systole::golden {

/// For each unit, how many of its instructions are known to have ended.
using Clock = std::array<uint32_t, isa::kUnits>;

/// Makes `clock` know what `other` knows.
inline void join(Clock& clock, const Clock& other) {
  for (int u = 0; u < isa::kUnits; ++u) clock[u] = std::max(clock[u], other[u]);
}

/// The earlier access that an access conflicts with: the `index`-th instruction of `unit`.
struct Conflict {
  uint64_t address = 0;
  isa::Unit unit = isa::Unit::kFetch;
  uint32_t index = 0;
  bool write = false;
};

/// Accesses are recorded in an order that the tokens allow. Instructions of one unit are ordered by
/// the hardware and never conflict.
class Shadow {
 public:
  /// What must have ended before instruction of `unit` may make this access: raises `needed`.
  void require(const Access& access, isa::Unit unit, Clock& needed) const;
  /// The first conflict that `known` does not order.
  std::optional<Conflict> find_conflict(const Access& access, isa::Unit unit,
                                        const Clock& known) const;
  /// The first address of the access that was never written.
  std::optional<uint64_t> find_unwritten(const Access& access) const;
  /// Records the access of the `index`-th instruction of `unit`.
  void record(const Access& access, isa::Unit unit, uint32_t index);

 private:
  struct Segment {
    uint64_t end = 0;
    bool written = false;
    isa::Unit writer = isa::Unit::kFetch;
    uint32_t writer_index = 0;
    Clock readers{};  ///< since the write: index + 1 of each unit's last reader; 0: none
  };
  using Segments = std::map<uint64_t, Segment>;  ///< by begin; disjoint

  const Segments& segments(Storage s) const { return storages_[static_cast<int>(s)]; }
  static Segments::const_iterator first_touching(const Segments& segments, uint64_t address);
  static void split(Segments& segments, uint64_t at);

  std::array<Segments, kStorages> storages_;
};

}  // namespace systole::golden
