// SPDX-License-Identifier: Apache-2.0
// What an instruction reads and writes, and which ports it holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/golden/instruction.h"

namespace systole {

enum class Storage : uint8_t { kUb, kAcc, kPb, kTable, kDram };
inline constexpr int kStorages = 5;

/// One interval of a storage. Addresses: UB and DRAM in bytes (UB: word * W + lane; an interval
/// that takes all lanes of a word takes its unused bytes too), ACC and PB in rows, tables by index.
struct Access {
  Storage storage = Storage::kUb;
  bool write = false;
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// The accesses of `instruction`: disjoint within a storage and direction, ascending, reads first.
/// Only lanes with effect, and only pixels inside the bounds that are touched. `scalars`: of the
/// vector_set that a vector follows; null if there was none.
std::vector<Access> footprint(const Instruction& instruction, const Geometry& g,
                              const isa::VectorSet* scalars);

/// "UB word 0x12 lane 3", for messages.
std::string storage_address(Storage storage, uint64_t address, const Geometry& g);

/// Ports as sets of banks (docs/timing.md, "Issue").
struct Ports {
  uint32_t ub_read = 0, ub_write = 0, acc = 0;
  bool overlaps(const Ports& other) const {
    return (ub_read & other.ub_read) != 0 || (ub_write & other.ub_write) != 0 ||
           (acc & other.acc) != 0;
  }
};
Ports ports_of(const Instruction& instruction, const Geometry& g, int acc_rows);

/// Whether an output of `op` reads a byte that an earlier output of it has written. The pipeline is
/// deeper than one output, so what it would read depends on time.
bool reads_own_result(const isa::Vector& op, const Geometry& g);

}  // namespace systole
