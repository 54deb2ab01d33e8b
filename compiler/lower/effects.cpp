// SPDX-License-Identifier: Apache-2.0
// The intervals that an instruction's loop nests cover.
#include "compiler/lower/effects.h"

#include "model/arch/nests.h"

namespace systole::lower {
namespace {

constexpr int64_t kMostRows = 64;  // of one step of the outermost loop that are told one by one

/// Nothing writes what it reads in DRAM: weights, parameters and tables.
bool reads_constants(const isa::AnyInstruction& instruction) {
  return unit_of(instruction) == isa::Unit::kLdw ||
         opcode_of(instruction) == isa::Opcode::kLoadParam;
}

class Collector {
 public:
  explicit Collector(std::vector<Access>& accesses)
      : accesses_(accesses), begin_(accesses.size()) {}

  void add(Storage storage, bool write, int64_t first, int64_t last) {
    // Steps that follow one another without a gap are one interval.
    if (accesses_.size() > begin_) {
      Access& before = accesses_.back();
      if (before.storage == storage && before.write == write && first >= before.first &&
          first <= before.last + 1) {
        before.last = std::max(before.last, last);
        return;
      }
    }
    accesses_.push_back({storage, write, first, last});
  }

  void add(const arch::Nest& nest) {
    // Rows that leave words between them to others, as tiles narrower than a map do, are told one
    // by one.
    const auto& [images, rows, columns, parts] = nest.loops;
    const int64_t row = columns.reach() + parts.reach() + nest.units;
    const bool gaps = rows.count > 1 && rows.count <= kMostRows && rows.stride > row;
    const int64_t length = gaps ? row : rows.reach() + row;
    for (int64_t i = 0; i < images.count; ++i)
      for (int64_t j = 0; j < (gaps ? rows.count : 1); ++j) {
        const int64_t first = nest.first + i * images.stride + j * rows.stride;
        add(nest.storage, nest.write, first, first + length - 1);
      }
  }

 private:
  std::vector<Access>& accesses_;
  const size_t begin_;  ///< of those of the operation
};

}  // namespace

const char* storage_name(Storage storage) {
  switch (storage) {
    case Storage::kUb:
      return "the unified buffer";
    case Storage::kAcc:
      return "the accumulators";
    case Storage::kParams:
      return "the parameter buffer";
    case Storage::kTables:
      return "the table memory";
    case Storage::kDram:
      return "DRAM";
  }
  return "?";
}

void collect_accesses(const TileOp& op, const arch::Geometry& geometry,
                      std::vector<Access>& accesses) {
  Collector collector(accesses);
  const bool constants = reads_constants(op.instruction);
  for (const arch::Nest& nest : arch::nests_of(op.instruction, geometry))
    if (nest.storage != Storage::kDram || !constants) collector.add(nest);
  if (op.table >= 0) collector.add(Storage::kTables, false, op.table, op.table);
}

ProgramAccesses::ProgramAccesses(const TileProgram& program, const arch::Geometry& geometry) {
  accesses_.reserve(2 * program.ops.size());
  begins_.reserve(program.ops.size() + 1);
  for (const TileOp& op : program.ops) {
    collect_accesses(op, geometry, accesses_);
    begins_.push_back(accesses_.size());
  }
}

}  // namespace systole::lower
