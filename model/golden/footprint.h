// SPDX-License-Identifier: Apache-2.0
// What an instruction reads and writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/golden/instruction.h"

namespace systole::golden {

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
std::vector<Access> footprint(const Instruction& instruction, const arch::Geometry& g,
                              const isa::VectorSet* scalars);

/// At most how many intervals `footprint` visits before it merges them, and what it costs to ask
/// reads_own_result.
double piece_count(const Instruction& instruction);

/// "UB word 0x12 lane 3", for messages.
std::string storage_address(Storage storage, uint64_t address, const arch::Geometry& g);

/// Whether an output of `op` reads a byte that an earlier output of it has written. The pipeline is
/// deeper than one output, so what it would read depends on time.
bool reads_own_result(const isa::Vector& op, const arch::Geometry& g);

}  // namespace systole::golden
