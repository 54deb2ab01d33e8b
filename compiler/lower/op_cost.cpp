// SPDX-License-Identifier: Apache-2.0
// Steps, beats and ports of each kind of instruction, from the tables of docs/timing.md.
#include "compiler/lower/op_cost.h"

#include <span>
#include <vector>

#include "model/arch/nests.h"
#include "model/arch/weight_rows.h"
#include "model/arch/window_rows.h"

namespace systole::lower {
namespace {

constexpr double kVectorSetup = 3, kVectorDrain = 11;

class Coster {
 public:
  /// `holes`: of a matmul's tiles.
  Coster(const isa::HwParams& hw, const arch::Geometry& geometry, int64_t holes)
      : hw_(hw), geometry_(geometry), holes_(holes) {}

  /// The bursts and beats of its runs in DRAM: the first stands for all of them.
  void dram(const arch::Nests& nests) {
    for (const arch::Nest& nest : nests) {
      if (nest.storage != Storage::kDram) continue;
      const auto runs = static_cast<double>(nest.steps());
      const int64_t last = nest.first + nest.units - 1;
      const int64_t beat = geometry_.axi_bytes, burst = geometry_.burst_bytes;
      const int64_t beats = last / beat - nest.first / beat + 1;
      const int64_t bursts = last / burst - nest.first / burst + 1;
      cost.beats += runs * static_cast<double>(beats);
      cost.bursts += runs * static_cast<double>(bursts);
    }
  }

  template <class Transfer>
  void transfer(const Transfer& t) {
    const int64_t words = arch::nests_of(t, geometry_).touched(Storage::kUb);
    cost.steps = static_cast<double>(words) + cost.bursts;
  }

  void visit(const isa::Load& i) { transfer(i); }
  void visit(const isa::Store& i) { transfer(i); }
  void visit(const isa::LoadWindow& i) {
    const double rows = double{1} * i.count0 * i.count1 * i.count2;
    const int64_t fill = ceil_div(i.row_bytes, geometry_.word_bytes);
    cost.steps = rows * static_cast<double>(fill + 2) + cost.bursts +
                 static_cast<double>(arch::window_emissions(i, geometry_));
  }
  void visit(const isa::LoadParam& i) {
    const int64_t bytes = arch::nests_of(i, geometry_).touched(Storage::kDram);
    const int64_t words = bytes / geometry_.pb_word_bytes;
    cost.steps = static_cast<double>(words) + cost.bursts;
  }
  void visit(const isa::LoadWeights& i) {
    const int bits = arch::prefix_bits(i);
    cost.steps = cost.bursts;
    const int64_t tiles =
        arch::for_each_stored_tile(i, geometry_, [&](const arch::StoredTile& tile) {
          cost.steps += tile.rows;
          if (bits != 0) cost.steps += static_cast<double>(ceil_div(tile.rows, 8 / bits));
          ++cost.tiles;
        });
    cost.steps += static_cast<double>(tiles - cost.tiles);  // a cycle a hole
  }
  void visit(const isa::LoadCodebook&) {
    cost.steps = static_cast<double>(ceil_div(arch::kCodebookBytes, geometry_.cols)) + cost.bursts;
  }
  void visit(const isa::Matmul& i) {
    const double m = double{1} * i.n * i.oh * i.ow;
    const arch::Geometry slices = geometry_.grouped(i.structured);
    const int64_t groups = slices.groups(i.channels);
    double rows = 0;  // of one kernel position
    for (int64_t g = 0; g < groups; ++g)
      rows += std::max<double>(
          m, arch::Geometry::tile_rows(slices.group_lanes(g, i.channels), i.structured));
    cost.tiles = i.kh * i.kw * groups - holes_;
    cost.tile_rows = rows / static_cast<double>(groups);
    cost.drain = m + hw_.rows + hw_.cols + 1 - std::min(cost.tile_rows, m);
    cost.keep = i.keep;
  }
  void visit(const isa::Vector& i) {
    const double taps = i.kh * i.kw + (i.src_ub && i.residual ? 1 : 0);
    cost.steps = kVectorSetup + double{1} * i.n * i.oh * i.ow * taps + kVectorDrain;
  }
  void visit(const isa::VectorSet&) { cost.steps = 1; }
  void visit(const isa::Sync auto&) { cost.steps = 1; }

  OpCost cost;

 private:
  const isa::HwParams& hw_;
  const arch::Geometry& geometry_;
  const int64_t holes_;
};

/// Bits of the ports of buffers that `accesses` take.
uint64_t ports_of(std::span<const Access> accesses, const isa::HwParams& hw,
                  const arch::Geometry& geometry) {
  uint64_t ports = 0;
  for (const Access& access : accesses) {
    const bool ub = access.storage == Storage::kUb;
    if (!ub && access.storage != Storage::kAcc) continue;
    const int64_t bank = ub ? geometry.bank_words : hw.acc_rows / 2;
    const int shift = !ub ? 32 : access.write ? 16 : 0;
    for (int64_t b = access.first / bank; b <= access.last / bank; ++b)
      ports |= uint64_t{1} << (shift + b);
  }
  return ports;
}

}  // namespace

std::vector<OpCost> op_costs(const TileProgram& program, const ProgramAccesses& accesses,
                             const isa::HwParams& hw, const arch::Geometry& geometry) {
  std::vector<OpCost> costs;
  costs.reserve(program.ops.size());
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const TileOp& op = program.ops[k];
    Coster coster(hw, geometry, op.holes);
    coster.dram(arch::nests_of(op.instruction, geometry));
    std::visit([&](const auto& i) { coster.visit(i); }, op.instruction);
    coster.cost.ports = ports_of(accesses.of(k), hw, geometry);
    costs.push_back(coster.cost);
  }
  return costs;
}

}  // namespace systole::lower
