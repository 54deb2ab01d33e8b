// SPDX-License-Identifier: Apache-2.0
// Follows the ring's tiles from the steps that bring them to the rows that pass them.
#include <algorithm>
#include <optional>

#include "model/arch/geometry.h"
#include "model/arch/weight_rows.h"
#include "model/isa/any_instruction.h"
#include "sim/trace/occupancy.h"

namespace systole::trace {
namespace {

/// The cycles of a unit that it spent for one of some causes, as a stream that is read once.
class CauseCycles {
 public:
  CauseCycles(const std::vector<core::CauseEvent>& causes, Cycle end,
              std::initializer_list<isa::Cause> wanted)
      : causes_(causes), end_(end) {
    for (const isa::Cause cause : wanted) wanted_[static_cast<size_t>(cause)] = true;
    settle();
  }

  /// Passes `count` of them; returns the last one that was passed, kNever if there are not so many.
  Cycle pass(uint64_t count) {
    Cycle last = at_;
    while (count > 0 && at_ != kNever) {
      const uint64_t step = std::min<uint64_t>(count, piece_end() - at_);
      last = at_ + step - 1;
      count -= step;
      go_to(at_ + step);
    }
    return count > 0 ? kNever : last;
  }

 private:
  Cycle piece_end() const {
    return index_ + 1 < causes_.size() ? std::min<Cycle>(causes_[index_ + 1].cycle, end_) : end_;
  }
  void go_to(Cycle cycle) {
    at_ = cycle;
    if (at_ >= piece_end()) {
      ++index_;
      settle();
    }
  }
  /// To the first cycle at or behind index_ that is wanted.
  void settle() {
    while (index_ < causes_.size() && !wanted_[static_cast<size_t>(causes_[index_].cause)])
      ++index_;
    at_ = index_ < causes_.size() && causes_[index_].cycle < end_ ? Cycle{causes_[index_].cycle}
                                                                  : kNever;
  }

  const std::vector<core::CauseEvent>& causes_;
  const Cycle end_;
  std::array<bool, isa::kCauses> wanted_{};
  size_t index_ = 0;
  Cycle at_ = kNever;
};

/// The steps of one load: the cycles in which ldw was busy for it.
struct InstructionSteps {
  struct Piece {
    Cycle from = 0, to = 0;
    uint64_t before = 0;      ///< steps before it
    bool after_wait = false;  ///< for a free tile: its first step begins one
  };
  std::vector<Piece> pieces;
  uint64_t count = 0;

  Cycle cycle(uint64_t step) const {
    const auto piece =
        std::prev(std::upper_bound(pieces.begin(), pieces.end(), step,
                                   [](uint64_t s, const Piece& one) { return s < one.before; }));
    return piece->from + (step - piece->before);
  }
  /// The step nearest to `guess` that certainly begins a tile, of those from `least` on and at most
  /// `half_a_tile` away; else the guess.
  uint64_t beginning_near(uint64_t guess, uint64_t half_a_tile, uint64_t least) const {
    uint64_t best = std::max(guess, least), distance = half_a_tile + 1;
    for (const Piece& piece : pieces) {
      const uint64_t away = piece.before > guess ? piece.before - guess : guess - piece.before;
      if (!piece.after_wait || piece.before < least || away >= distance) continue;
      best = piece.before;
      distance = away;
    }
    return best;
  }
};

/// Reads the steps of ldw, load by load.
class StepReader {
 public:
  StepReader(const std::vector<core::CauseEvent>& causes, Cycle end) : causes_(causes), end_(end) {}

  /// Those that were not read yet and lie before `limit`.
  InstructionSteps before(Cycle limit) {
    InstructionSteps steps;
    limit = std::min(limit, end_);
    for (; index_ < causes_.size(); ++index_) {
      const Cycle from = std::max<Cycle>(causes_[index_].cycle, at_);
      const Cycle to =
          index_ + 1 < causes_.size() ? std::min<Cycle>(causes_[index_ + 1].cycle, limit) : limit;
      if (from < to && causes_[index_].cause == static_cast<uint64_t>(isa::Cause::kBusy)) {
        const bool waited =
            index_ > 0 && from == causes_[index_].cycle &&
            causes_[index_ - 1].cause == static_cast<uint64_t>(isa::Cause::kWeights);
        steps.pieces.push_back({from, to, steps.count, waited});
        steps.count += to - from;
      }
      at_ = std::max(at_, to);
      if (to == limit) break;
    }
    return steps;
  }

 private:
  const std::vector<core::CauseEvent>& causes_;
  const Cycle end_;
  size_t index_ = 0;
  Cycle at_ = 0;  ///< all before it has been read
};

class RingUse {
 public:
  explicit RingUse(const TracedRun& run) : run_(run), geometry_(run.arch.hw) {}

  LevelChanges changes() {
    fill();
    empty();
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const LevelChange& a, const LevelChange& b) { return a.cycle < b.cycle; });
    return std::move(changes_);
  }

 private:
  std::optional<isa::AnyInstruction> instruction(const core::RetireEvent& event) const {
    return isa::decode(run_.program.code.at(event.pc));
  }

  /// Tiles that ldw brought, with the tiles of zeros before each.
  void fill() {
    StepReader steps(run_.result.causes[static_cast<size_t>(isa::Unit::kLdw)], run_.result.cycles);
    int64_t skip = 0;
    for (const core::RetireEvent& event : run_.result.retired) {
      if (event.unit != isa::Unit::kLdw) continue;
      // An instruction ends in the cycle behind its last step.
      const InstructionSteps own = steps.before(event.end);
      const auto decoded = instruction(event);
      if (const auto* load = decoded ? std::get_if<isa::LoadWeights>(&*decoded) : nullptr)
        fill_from(*load, own, skip);
    }
  }

  void fill_from(const isa::LoadWeights& load, const InstructionSteps& steps, int64_t& skip) {
    std::vector<uint64_t> begins;  // steps before each tile, if no row had parts and no mask
    uint64_t sum = 0, address = load.dram_addr;
    int64_t before = -1;
    const auto shape =
        arch::for_each_stored_tile(load, geometry_, [&](const arch::StoredTile& tile) {
          skip_.push_back(skip + tile.index - before - 1);
          skip = 0;
          before = tile.index;
          begins.push_back(sum);
          sum += steps_of(load, tile.rows, address);
        });
    skip = shape - before - 1;
    const bool exact = load.stream_bytes == 0 && !load.diagonal && sum == steps.count;
    const uint64_t half_a_tile = begins.empty() ? 0 : steps.count / (2 * begins.size());
    uint64_t least = 0;
    for (const uint64_t begin : begins) {
      uint64_t step = begin;
      if (!exact)
        step = steps.beginning_near(sum == 0 ? 0 : begin * steps.count / sum, half_a_tile, least);
      if (step < steps.count) changes_.push_back({steps.cycle(step) + 1, 1});
      least = step + 1;
    }
  }

  /// Steps for the rows of a tile whose stream is at `address`, which is moved on: a row that spans
  /// two bursts takes one in each. Of masked rows the bytes are not known, and one burst is taken.
  uint64_t steps_of(const isa::LoadWeights& load, int rows, uint64_t& address) const {
    if (const int bits = arch::prefix_bits(load); bits != 0)
      return static_cast<uint64_t>(rows + (rows * bits + 7) / 8);
    const auto bytes =
        static_cast<uint64_t>(arch::weight_row_bytes(load.cols, arch::tile_byte_bits(load)));
    const auto burst = static_cast<uint64_t>(geometry_.burst_bytes);
    uint64_t steps = 0;
    for (int row = 0; row < rows; ++row, address += bytes)
      steps += (address + bytes - 1) / burst - address / burst + 1;
    return steps;
  }

  /// Tiles that mxu streamed rows through and gave back.
  void empty() {
    CauseCycles cycles(run_.result.causes[static_cast<size_t>(isa::Unit::kMxu)], run_.result.cycles,
                       {isa::Cause::kBusy, isa::Cause::kWeightLoad});
    for (const core::RetireEvent& event : run_.result.retired) {
      if (event.unit != isa::Unit::kMxu) continue;
      const auto decoded = instruction(event);
      if (const auto* matmul = decoded ? std::get_if<isa::Matmul>(&*decoded) : nullptr)
        empty_by(*matmul, cycles);
    }
  }

  void empty_by(const isa::Matmul& matmul, CauseCycles& cycles) {
    const arch::Geometry slices = geometry_.grouped(matmul.structured);
    const int64_t groups = slices.groups(matmul.channels);
    const int64_t shape = int64_t{matmul.kh} * matmul.kw * groups;
    const int64_t rows = int64_t{matmul.n} * matmul.oh * matmul.ow;
    const size_t kept = tile_;
    for (int64_t index = 0; index < shape && tile_ < skip_.size(); ++index, ++tile_) {
      index = std::min(index + skip_[tile_], shape - 1);
      const int weight_rows = arch::Geometry::tile_rows(
          slices.group_lanes(index % groups, matmul.channels), matmul.structured);
      const Cycle last = cycles.pass(static_cast<uint64_t>(std::max<int64_t>(rows, weight_rows)));
      if (!matmul.keep && last != kNever) changes_.push_back({last + 1, -1});
    }
    if (matmul.keep) tile_ = kept;
  }

  const TracedRun& run_;
  const arch::Geometry geometry_;
  std::vector<int64_t> skip_;  ///< tiles of zeros before each tile of the ring
  size_t tile_ = 0;            ///< the next one that mxu takes
  LevelChanges changes_;
};

}  // namespace

LevelChanges ring_changes(const TracedRun& run) { return RingUse(run).changes(); }

}  // namespace systole::trace
