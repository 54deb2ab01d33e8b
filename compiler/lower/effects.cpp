// SPDX-License-Identifier: Apache-2.0
// The intervals that each kind of instruction touches, from the pseudo-code of docs/isa.md.
#include "compiler/lower/effects.h"

namespace systole::lower {
namespace {

constexpr int64_t kMostRows = 64;  // of one step of the outermost loop that are told one by one

/// A loop nest over addresses: `count[k]` steps of `stride[k]`, each touching `extent` units.
struct Nest {
  int64_t base;
  int64_t count[3];
  int64_t stride[3];
  int64_t extent = 1;
};

class Collector {
 public:
  Collector(const arch::Geometry& geometry, std::vector<Access>& accesses)
      : geometry_(geometry), accesses_(accesses) {}

  void add(Storage storage, bool write, int64_t first, int64_t last) {
    // Steps that follow one another without a gap are one interval.
    if (!accesses_.empty()) {
      Access& before = accesses_.back();
      if (before.storage == storage && before.write == write && first >= before.first &&
          first <= before.last + 1) {
        before.last = std::max(before.last, last);
        return;
      }
    }
    accesses_.push_back({storage, write, first, last});
  }

  void add(Storage storage, bool write, const Nest& nest) {
    // Rows that leave words between them to others, as tiles narrower than a map do, are told one
    // by one.
    const int64_t row = (nest.count[2] - 1) * nest.stride[2] + nest.extent;
    const bool gaps = nest.count[1] > 1 && nest.count[1] <= kMostRows && nest.stride[1] > row;
    const int64_t rows = gaps ? nest.count[1] : 1;
    const int64_t length = gaps ? row : (nest.count[1] - 1) * nest.stride[1] + row;
    for (int64_t i = 0; i < nest.count[0]; ++i)
      for (int64_t j = 0; j < rows; ++j) {
        const int64_t first = nest.base + i * nest.stride[0] + j * nest.stride[1];
        add(storage, write, first, first + length - 1);
      }
  }

  template <class Transfer>
  void transfer(const Transfer& t, bool store) {
    const int64_t words =
        (t.pixels - 1) * int64_t{t.ub_pixel_stride} + geometry_.words(t.pixel_bytes);
    add(Storage::kUb, !store,
        {t.ub_addr,
         {t.count0, t.count1, t.count2},
         {t.ub_stride0, t.ub_stride1, t.ub_stride2},
         words});
    add(Storage::kDram, store,
        {t.dram_addr,
         {t.count0, t.count1, t.count2},
         {t.dram_stride0, t.dram_stride1, t.dram_stride2},
         int64_t{t.pixels} * t.pixel_bytes});
  }

  void visit(const isa::Load& i) { transfer(i, false); }
  void visit(const isa::Store& i) { transfer(i, true); }
  void visit(const isa::LoadWindow& i) {
    add(Storage::kUb, true,
        {i.ub_addr,
         {i.count0, i.count1, i.count2},
         {i.ub_stride0, i.ub_stride1, i.ub_stride2},
         (i.windows - int64_t{1}) * i.window_words +
             geometry_.words(i.lane + (i.count2 - 1) * i.lane_stride + i.size)});
    add(Storage::kDram, false,
        {i.dram_addr,
         {i.count0, i.count1, i.count2},
         {i.dram_stride0, i.dram_stride1, i.dram_stride2},
         i.row_bytes});
  }
  void visit(const isa::LoadParam& i) {
    add(i.target ? Storage::kTables : Storage::kParams, true, i.row, i.row + i.count - 1);
  }
  void visit(const isa::LoadWeights&) {}
  void visit(const isa::LoadCodebook&) {}
  void visit(const isa::Matmul& i) {
    add(Storage::kUb, false,
        {i.ub_addr,
         {i.n, i.height, i.width},
         {i.ub_stride0, i.ub_stride1, i.ub_stride2},
         geometry_.words(i.channels, i.expand)});
    add(Storage::kAcc, true, i.acc_addr, i.acc_addr + int64_t{i.n} * i.oh * i.ow - 1);
  }
  void visit(const isa::Vector& i) {
    add(i.src_ub ? Storage::kUb : Storage::kAcc, false,
        {i.src_addr, {i.n, i.height, i.width}, {i.src_stride0, i.src_stride1, i.src_stride2}});
    if (i.residual)
      add(Storage::kUb, false,
          {i.res_addr, {i.n, i.oh, i.ow}, {i.res_stride0, i.res_stride1, i.res_stride2}});
    add(Storage::kUb, true,
        {i.dst_addr, {i.n, i.oh, i.ow}, {i.dst_stride0, i.dst_stride1, i.dst_stride2}});
    add(Storage::kParams, false, i.param_row, i.param_row + 1);
  }
  void visit(const isa::VectorSet&) {}
  void visit(const isa::Sync auto&) {}

 private:
  const arch::Geometry& geometry_;
  std::vector<Access>& accesses_;
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
  Collector collector(geometry, accesses);
  std::visit([&](const auto& i) { collector.visit(i); }, op.instruction);
  if (op.table >= 0) collector.add(Storage::kTables, false, op.table, op.table);
}

}  // namespace systole::lower
