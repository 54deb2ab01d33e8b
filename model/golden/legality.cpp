// SPDX-License-Identifier: Apache-2.0
// Follows vector clocks along the tokens and compares every access with the last conflicting ones.
#include "model/golden/legality.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>

#include "model/base/error.h"
#include "model/golden/ports.h"
#include "model/golden/shadow.h"
#include "model/golden/stream_check.h"
#include "model/golden/token_machine.h"
#include "model/isa/rounding.h"

namespace systole::golden {
namespace {

// What the checker takes on: beyond, a program is refused rather than followed for hours.
constexpr double kWorkLimit = 1e10;  // of all instructions
constexpr double kPieceLimit = 2e7;  // separate intervals of one instruction
constexpr double kTileWork = 50;     // of one weight tile

/// Thrown at the first violation: what follows it means nothing.
struct Violation {
  std::string text;
};

class Checker : public TokenObserver {
 public:
  explicit Checker(const program::Program& program)
      : program_(program), geometry_(program.hw), scale_source_(program.hw.pb_rows) {}

  void take(const Instruction& instruction) override {
    const int unit = index_of(instruction.unit);
    work_ += work_of(instruction, geometry_) +
             kTileWork * static_cast<double>(tile_count(instruction, geometry_));
    if (work_ > kWorkLimit || piece_count(instruction) > kPieceLimit)
      fail(instruction, "moves more than the checker can follow");
    instructions_[unit].push_back(instruction);
    Clock& known = taken_[unit];
    for (int producer = 0; producer < isa::kUnits; ++producer)
      if ((instruction.header.wait >> producer & 1) != 0) {
        join(known, signals_[producer][unit].front());
        signals_[producer][unit].pop_front();
      }
    if (instruction.unit == isa::Unit::kLdw) weight_clocks_.push_back(known);
    for (const Access& access : footprint(instruction, geometry_, scalars_ ? &*scalars_ : nullptr))
      check(instruction, access);
    check_values(instruction);
  }

  void tile(const Instruction& instruction, int64_t index, int64_t count) override {
    if (const auto* weights = std::get_if<isa::LoadWeights>(&instruction.op)) {
      ring_.push_back({static_cast<uint32_t>(instructions_[index_of(isa::Unit::kLdw)].size() - 1),
                       tile_rows(*weights, geometry_, index),
                       next_stored(*weights, index + 1) >= tile_count(instruction, geometry_)});
    } else {
      use_tile(instruction, std::get<isa::Matmul>(instruction.op), index, count);
    }
  }

  void end(const Instruction& instruction) override {
    const int unit = index_of(instruction.unit);
    join(ended_[unit], taken_[unit]);
    ended_[unit][unit] = static_cast<uint32_t>(instructions_[unit].size());
    for (int consumer = 0; consumer < isa::kUnits; ++consumer)
      if ((instruction.header.signal >> consumer & 1) != 0)
        signals_[unit][consumer].push_back(ended_[unit]);
  }

 private:
  struct Tile {
    uint32_t loader;  ///< which load_weights
    int rows;         ///< written
    bool last;        ///< of its load_weights
  };

  [[noreturn]] static void fail(const Instruction& instruction, const std::string& reason) {
    throw Violation{describe(instruction) + " " + reason};
  }

  void check(const Instruction& instruction, const Access& access) {
    const int unit = index_of(instruction.unit);
    const auto conflict = shadow_.find_conflict(access, instruction.unit, taken_[unit]);
    if (conflict) {
      const Instruction& other = instructions_[index_of(conflict->unit)][conflict->index];
      fail(instruction, fmt::format("{} {}, which {} {}; no semaphore orders them",
                                    access.write ? "writes" : "reads",
                                    storage_address(access.storage, conflict->address, geometry_),
                                    describe(other), conflict->write ? "writes" : "reads"));
    }
    if (!access.write && access.storage != Storage::kDram)
      if (const auto address = shadow_.find_unwritten(access))
        fail(instruction, fmt::format("reads {}, which was never written",
                                      storage_address(access.storage, *address, geometry_)));
    const uint64_t code_end = program_.code_addr + program_.code.size() * isa::kInstructionBytes;
    if (access.write && access.storage == Storage::kDram && access.begin < code_end &&
        access.end > program_.code_addr)
      fail(instruction, fmt::format("writes DRAM byte {:#x}, which is code that fetch reads",
                                    std::max<uint64_t>(access.begin, program_.code_addr)));
    shadow_.record(access, instruction.unit, static_cast<uint32_t>(instructions_[unit].size() - 1));
  }

  // What depends on more than the order of accesses.
  void check_values(const Instruction& instruction) {
    if (const auto* param = std::get_if<isa::LoadParam>(&instruction.op)) {
      if (!param->target)
        for (uint32_t i = 0; i < param->count; ++i)
          scale_source_[param->row + i] = param->dram_addr + uint64_t{i} * geometry_.pb_row_bytes;
    } else if (const auto* weights = std::get_if<isa::LoadWeights>(&instruction.op)) {
      const std::string problem = stream_problem(*weights, program_);
      if (!problem.empty()) fail(instruction, problem);
    } else if (const auto* set = std::get_if<isa::VectorSet>(&instruction.op)) {
      scalars_ = *set;
    } else if (const auto* vector = std::get_if<isa::Vector>(&instruction.op)) {
      check_vector(instruction, *vector);
    }
  }

  void check_vector(const Instruction& instruction, const isa::Vector& op) {
    if (!scalars_) fail(instruction, "runs before the first vector_set");
    const int lanes = op.lanes_m1 + 1;
    const auto beyond = [&](int slice, int narrow) {
      return slice * geometry_.cols + lanes > geometry_.lanes << narrow;
    };
    if ((op.src_ub && beyond(op.src_slice, op.src_narrow)) ||
        (op.residual && beyond(op.res_slice, op.res_narrow)))
      fail(instruction, fmt::format("reads {} lanes of a slice that has fewer", lanes));
    if (reads_own_result(op, geometry_))
      fail(instruction, "reads what an earlier output of the same instruction wrote");
    check_scales(instruction, op);
  }

  // Scales as the initial memory has them; scales that the program itself computes are not known
  // here.
  void check_scales(const Instruction& instruction, const isa::Vector& op) {
    const uint64_t source = scale_source_[op.param_row + 1];
    for (const program::Segment& segment : program_.segments) {
      if (source < segment.addr || source >= segment.addr + segment.bytes.size()) continue;
      for (int lane = 0; lane <= op.lanes_m1; ++lane) {
        const uint64_t at = source - segment.addr + 4 * static_cast<uint64_t>(lane);
        if (at + 4 > segment.bytes.size()) return;
        float scale;
        std::memcpy(&scale, &segment.bytes[at], sizeof scale);
        if (!isa::legal_scale(scale))
          fail(instruction,
               fmt::format("scales lane {} by {} (parameter row {}), expected a float in "
                           "[2^-64, 2^64)",
                           lane, scale, op.param_row + 1));
      }
    }
  }

  void use_tile(const Instruction& instruction, const isa::Matmul& op, int64_t index,
                int64_t count) {
    const Tile tile = ring_[op.keep ? static_cast<size_t>(count) : 0];
    const int rows = tile_rows(op, geometry_, index);
    if (tile.rows < rows)
      fail(instruction,
           fmt::format("uses {} rows of its weight tile {}, of which {} writes only {}", rows,
                       index, describe(loader(tile)), tile.rows));
    check_wait_for_weights(instruction, tile);
    // The tile has arrived: what loaded it has ended if this was its last.
    Clock& known = ended_[index_of(isa::Unit::kMxu)];
    uint32_t& loads = known[index_of(isa::Unit::kLdw)];
    loads = std::max(loads, tile.loader + (tile.last ? 1 : 0));
    if (!op.keep) ring_.pop_front();
  }

  // A matmul holds its ports while it waits for weights, so nothing that its load_weights waits for
  // may want one of them, nor stand behind it in a queue that fetch cannot pass.
  void check_wait_for_weights(const Instruction& instruction, const Tile& tile) {
    if (loader(tile).pc > instruction.pc)
      fail(instruction, fmt::format("uses weights that {} loads later in the program: fetch "
                                    "may not get there",
                                    describe(loader(tile))));
    const Ports held = ports_of(instruction, program_.hw);
    const Clock& matmul_knows = taken_[index_of(isa::Unit::kMxu)];
    const Clock& loader_needs = weight_clocks_[tile.loader];
    for (const isa::Unit unit : {isa::Unit::kVpu, isa::Unit::kSto}) {
      const int u = index_of(unit);
      for (uint32_t i = matmul_knows[u]; i < loader_needs[u]; ++i)
        if (held.overlaps(ports_of(instructions_[u][i], program_.hw)))
          fail(instruction, fmt::format("may hold a port that {} wants, on which its weights "
                                        "({}) depend: deadlock",
                                        describe(instructions_[u][i]), describe(loader(tile))));
    }
  }

  const Instruction& loader(const Tile& tile) const {
    return instructions_[index_of(isa::Unit::kLdw)][tile.loader];
  }

  const program::Program& program_;
  const arch::Geometry geometry_;
  double work_ = 0;
  std::array<std::vector<Instruction>, isa::kUnits> instructions_;  ///< taken, by unit
  std::array<Clock, isa::kUnits> taken_{};  ///< what the last taken instruction of a unit knew
  std::array<Clock, isa::kUnits> ended_{};  ///< what the last ended one tells
  std::array<std::array<std::deque<Clock>, isa::kUnits>, isa::kUnits> signals_;
  Shadow shadow_;
  std::deque<Tile> ring_;
  std::vector<Clock> weight_clocks_;    ///< what each load_weights knew when taken
  std::vector<uint64_t> scale_source_;  ///< DRAM address that each parameter row was loaded from
  std::optional<isa::VectorSet> scalars_;
};

}  // namespace

LegalityReport check_legality(const program::Program& program) {
  Checker checker(program);
  TokenMachine machine(program, checker);
  LegalityReport report;
  try {
    const TokenMachine::Outcome outcome = machine.run(1);
    report.fault = outcome.fault;
    report.fault_pc = outcome.fault_pc;
    if (outcome.fault == isa::Fault::kNone && !outcome.finished)
      report.violation = "deadlock: " + outcome.waiting;
  } catch (const Violation& violation) {
    report.violation = violation.text;
  }
  return report;
}

}  // namespace systole::golden
