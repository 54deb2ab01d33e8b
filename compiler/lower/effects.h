// SPDX-License-Identifier: Apache-2.0
// What an instruction reads and writes, as intervals: the one source of truth for dependencies.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/lower/tile_ir.h"
#include "model/arch/nest.h"

namespace systole::lower {

using arch::Storage;

/// The name of a storage, for messages.
const char* storage_name(Storage storage);

/// A closed interval of the units of a storage.
struct Access {
  Storage storage;
  bool write;
  int64_t first, last;
};

/// Appends the accesses of `op`: one interval for each step of the outermost loop, or of the two
/// outermost where the rows leave words between them, fewer where they touch. Intervals cover what
/// inner strides skip. Reads of weights and parameters in DRAM are left out:
/// nothing writes them.
void collect_accesses(const TileOp& op, const arch::Geometry& geometry,
                      std::vector<Access>& accesses);

/// The accesses of all operations of a program.
class ProgramAccesses {
 public:
  ProgramAccesses(const TileProgram& program, const arch::Geometry& geometry);
  std::span<const Access> of(size_t op) const {
    return std::span(accesses_).subspan(begins_[op], begins_[op + 1] - begins_[op]);
  }

 private:
  std::vector<Access> accesses_;
  std::vector<size_t> begins_{0};  ///< by operation, and the end
};

}  // namespace systole::lower
