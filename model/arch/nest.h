// SPDX-License-Identifier: Apache-2.0
// What an instruction touches: loop nests over the storages of the core and over DRAM.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/arch/geometry.h"

namespace systole::arch {

/// UB words, ACC rows, parameter rows, tables, or DRAM bytes.
enum class Storage : uint8_t { kUb, kAcc, kParams, kTables, kDram };
inline constexpr int kStorages = 5;

inline constexpr int kTables = 4;
inline constexpr int kTableBytes = 256;
inline constexpr int64_t kDramBytes = int64_t{1} << 32;

/// Units of a storage.
constexpr int64_t storage_size(Storage storage, const isa::HwParams& hw, const Geometry& geometry) {
  switch (storage) {
    case Storage::kUb:
      return geometry.ub_words;
    case Storage::kAcc:
      return hw.acc_rows;
    case Storage::kParams:
      return hw.pb_rows;
    case Storage::kTables:
      return kTables;
    case Storage::kDram:
      return kDramBytes;
  }
  return 0;
}

/// Steps of a loop, and units of the storage between them.
struct Loop {
  int64_t count = 1;
  int64_t stride = 0;
  /// Units from the first step to the last.
  constexpr int64_t reach() const { return (count - 1) * stride; }
};

/// The units that a loop nest reads or writes: `units` from each of its steps on. Reach and end of
/// any instruction's nest fit into 64 bits.
struct Nest {
  Storage storage;
  bool write;
  int64_t first;
  std::array<Loop, 4> loops;  ///< the outermost first; those beyond the nest's have one step
  int64_t units;

  /// The last unit that it touches: no stride is negative.
  constexpr int64_t last() const {
    int64_t last = first + units - 1;
    for (const Loop& loop : loops) last += loop.reach();
    return last;
  }
  constexpr int64_t steps() const {
    int64_t steps = 1;
    for (const Loop& loop : loops) steps *= loop.count;
    return steps;
  }
  /// Units touched, those that are touched twice counted twice.
  constexpr int64_t touched() const { return steps() * units; }
};

/// The nests of one instruction.
class Nests {
 public:
  constexpr void add(const Nest& nest) { nests_[size_++] = nest; }
  constexpr const Nest* begin() const { return nests_.data(); }
  constexpr const Nest* end() const { return nests_.data() + size_; }

  /// Units of `storage` touched.
  constexpr int64_t touched(Storage storage) const {
    int64_t sum = 0;
    for (const Nest& nest : *this)
      if (nest.storage == storage) sum += nest.touched();
    return sum;
  }

 private:
  std::array<Nest, 5> nests_{};
  size_t size_ = 0;
};

}  // namespace systole::arch
