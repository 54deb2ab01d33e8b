// SPDX-License-Identifier: Apache-2.0
// The loop nests that isa.toml gives against the accesses that the golden executor derives by hand.
#include "model/arch/nests.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "model/golden/footprint.h"
#include "model/golden/random_program.h"

namespace systole {
namespace {

using arch::Storage;

isa::HwParams hardware() {
  isa::HwParams hw;
  hw.rows = 4;
  hw.cols = 8;
  hw.weight_bits = hw.act_bits = 2;
  hw.codebook = hw.bitmask = hw.structured = 1;
  return hw;
}

/// First and last unit of a storage, one direction; nothing: first is beyond last.
struct Ends {
  int64_t first = std::numeric_limits<int64_t>::max(), last = -1;
  void add(int64_t from, int64_t to) {
    first = std::min(first, from);
    last = std::max(last, to);
  }
  bool covers(const Ends& other) const {
    return other.last < 0 || (first <= other.first && other.last <= last);
  }
  bool operator==(const Ends&) const = default;
};

Ends ends_of(const arch::Nests& nests, Storage storage, bool write) {
  Ends ends;
  for (const arch::Nest& nest : nests)
    if (nest.storage == storage && nest.write == write) ends.add(nest.first, nest.last());
  return ends;
}

/// Of what the golden executor says, in the units of `storage`; its storages are in the same order.
Ends ends_of(const std::vector<golden::Access>& accesses, Storage storage, bool write,
             const arch::Geometry& geometry) {
  const int64_t unit = storage == Storage::kUb ? geometry.word_bytes : 1;
  Ends ends;
  for (const golden::Access& access : accesses)
    if (static_cast<int>(access.storage) == static_cast<int>(storage) && access.write == write)
      ends.add(static_cast<int64_t>(access.begin) / unit,
               static_cast<int64_t>(access.end - 1) / unit);
  return ends;
}

TEST_CASE("loop nests cover what the golden executor says of each instruction, and DMA's exactly") {
  const isa::HwParams hw = hardware();
  const arch::Geometry geometry(hw);
  int64_t exact = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const program::Program program = golden::random_program(hw, seed, {.fault_percent = 0});
    for (size_t pc = 0; pc < program.code.size(); ++pc) {
      INFO(fmt::format("seed {}, pc {}", seed, pc));
      const auto instruction =
          golden::decode_instruction(program.code[pc], static_cast<uint32_t>(pc));
      const auto accesses = golden::footprint(instruction, geometry, nullptr);
      const arch::Nests nests = arch::nests_of(instruction.op, geometry);
      const bool compute =
          instruction.unit == isa::Unit::kMxu || instruction.unit == isa::Unit::kVpu;
      for (int storage = 0; storage < arch::kStorages; ++storage)
        for (const bool write : {false, true}) {
          const Ends found = ends_of(nests, Storage(storage), write);
          const Ends expected = ends_of(accesses, Storage(storage), write, geometry);
          // A matmul that adds to what it writes reads it; its nest says that it writes.
          if (Storage(storage) == Storage::kAcc && instruction.unit == isa::Unit::kMxu && !write)
            continue;
          CHECK(found.covers(expected));
          if (compute) continue;
          CHECK(found == expected);
          exact += expected.last >= 0;
        }
    }
  }
  CHECK(exact > 1000);
}

TEST_CASE("a nest ends with the last step of all its loops") {
  isa::Load load;
  load.ub_addr = 100, load.count0 = 3, load.ub_stride0 = 50;
  load.count2 = 2, load.ub_stride2 = 7;
  load.pixels = 4, load.ub_pixel_stride = 2, load.pixel_bytes = 17;  // three words of 8 lanes
  const arch::Nests nests = arch::nests_of(load, arch::Geometry(hardware()));
  const arch::Nest& words = *nests.begin();
  CHECK(words.last() == 100 + 2 * 50 + 1 * 7 + 3 * 2 + 3 - 1);
  CHECK(words.touched() == 3 * 2 * 4 * 3);
  CHECK(nests.touched(Storage::kDram) == 3 * 2 * 4 * 17);
}

}  // namespace
}  // namespace systole
