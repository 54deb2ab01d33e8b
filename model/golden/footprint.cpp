// SPDX-License-Identifier: Apache-2.0
// Derives accesses from the pseudo-code of docs/isa.md.
#include "model/golden/footprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "model/golden/loops.h"

namespace systole::golden {
namespace {

// Collects intervals of one storage and direction; merges those that touch.
class Collector {
 public:
  Collector(Storage storage, bool write) : storage_(storage), write_(write) {}

  void add(uint64_t begin, uint64_t end) {
    if (begin >= end) return;
    if (!spans_.empty() && spans_.back().end == begin)
      spans_.back().end = end;
    else
      spans_.push_back({storage_, write_, begin, end});
  }
  /// Lanes [first, last) of a UB word.
  void add_lanes(const arch::Geometry& g, uint64_t word, uint64_t first, uint64_t last) {
    const uint64_t base = word * g.word_bytes;
    const uint64_t lanes = static_cast<uint64_t>(g.lanes);
    add(base + first, last >= lanes ? base + g.word_bytes : base + last);
  }
  /// `bytes` bytes from lane 0 of `word` on.
  void add_channels(const arch::Geometry& g, uint64_t word, int64_t bytes) {
    add_channels(g, word, 0, bytes);
  }
  /// `bytes` bytes from lane `lane`, counted from lane 0 of `word`, on.
  void add_channels(const arch::Geometry& g, uint64_t word, int64_t lane, int64_t bytes) {
    const auto at = [&](int64_t byte) {
      return (word + byte / g.lanes) * g.word_bytes + byte % g.lanes;
    };
    add(at(lane), at(lane + bytes));
  }
  void append_to(std::vector<Access>& out) {
    std::sort(spans_.begin(), spans_.end(),
              [](const Access& a, const Access& b) { return a.begin < b.begin; });
    const size_t first = out.size();
    for (const Access& span : spans_) {
      if (out.size() > first && out.back().end >= span.begin)
        out.back().end = std::max(out.back().end, span.end);
      else
        out.push_back(span);
    }
  }

 private:
  Storage storage_;
  bool write_;
  std::vector<Access> spans_;
};

// The positions in [0, limit) that `count` steps of `stride` from `first`, each with `taps` taps of
// `dilation`, touch. Rows and columns are independent, so the pixels touched are their product.
std::vector<int64_t> touched(int64_t first, int64_t count, int64_t stride, int64_t taps,
                             int64_t dilation, int64_t limit) {
  std::vector<bool> seen(static_cast<size_t>(limit));
  for (int64_t i = 0; i < count; ++i)
    for (int64_t t = 0; t < taps; ++t) {
      const int64_t position = first + i * stride + t * dilation;
      if (0 <= position && position < limit) seen[static_cast<size_t>(position)] = true;
    }
  std::vector<int64_t> positions;
  for (int64_t p = 0; p < limit; ++p)
    if (seen[static_cast<size_t>(p)]) positions.push_back(p);
  return positions;
}

template <typename Dma>
void dma_accesses(const Dma& op, const arch::Geometry& g, bool store, std::vector<Access>& out) {
  Collector ub(Storage::kUb, !store), dram(Storage::kDram, store);
  for_each_step(op, [&](uint64_t d, uint64_t u, uint64_t) {
    dram.add(d, d + uint64_t{op.pixels} * op.pixel_bytes);
    for (uint64_t p = 0; p < op.pixels; ++p)
      ub.add_channels(g, u + p * op.ub_pixel_stride, op.pixel_bytes);
  });
  (store ? ub : dram).append_to(out);
  (store ? dram : ub).append_to(out);
}

// Bytes [first, last) of a UB word.
struct LaneBytes {
  uint64_t first, last;
  bool overlaps(const LaneBytes& other) const { return first < other.last && other.first < last; }
};

// Of `lanes` values of slice `index`, of 8 >> narrow bits.
LaneBytes slice_bytes(const arch::Geometry& g, uint64_t index, int narrow, uint64_t lanes) {
  const uint64_t each = uint64_t{1} << narrow, first = index * g.cols / each;
  return {first, first + (lanes + each - 1) / each};
}

struct Accesses {
  const arch::Geometry& g;
  const isa::VectorSet* scalars;
  std::vector<Access>& out;

  void operator()(const isa::Sync auto&) const {}
  void operator()(const isa::VectorSet&) const {}
  void operator()(const isa::Load& op) const { dma_accesses(op, g, false, out); }
  void operator()(const isa::Store& op) const { dma_accesses(op, g, true, out); }
  void operator()(const isa::LoadWindow& op) const {
    Collector ub(Storage::kUb, true), dram(Storage::kDram, false);
    for_each_step(op, [&](uint64_t d, uint64_t u, uint64_t i2) {
      const int64_t first = op.lane + static_cast<int64_t>(i2) * op.lane_stride;
      dram.add(d, d + op.row_bytes);
      for (int64_t k = 0; k < op.windows; ++k)
        ub.add_channels(g, u + k * op.window_words, first, op.size);
    });
    dram.append_to(out);
    ub.append_to(out);
  }
  void operator()(const isa::LoadParam& op) const {
    const uint64_t bytes = uint64_t{op.count} * (op.target ? 256 : g.pb_row_bytes);
    out.push_back({Storage::kDram, false, op.dram_addr, op.dram_addr + bytes});
    out.push_back(
        {op.target ? Storage::kTable : Storage::kPb, true, op.row, uint64_t{op.row} + op.count});
  }
  void operator()(const isa::LoadCodebook& op) const {
    out.push_back({Storage::kDram, false, op.dram_addr, op.dram_addr + uint64_t{16}});
  }
  void operator()(const isa::LoadWeights& op) const {
    const auto bytes = static_cast<uint64_t>(weight_bytes(op));
    out.push_back({Storage::kDram, false, op.dram_addr, op.dram_addr + bytes});
  }
  void operator()(const isa::Matmul& op) const {
    Collector ub(Storage::kUb, false);
    const auto rows = touched(op.h0, op.oh, op.stride_h, op.kh, op.dil_h, op.height);
    const auto columns = touched(op.w0, op.ow, op.stride_w, op.kw, op.dil_w, op.width);
    for (uint64_t b = 0; b < op.n; ++b)
      for (const int64_t h : rows)
        for (const int64_t v : columns)
          ub.add_channels(g, op.ub_addr + b * op.ub_stride0 + h * op.ub_stride1 + v * op.ub_stride2,
                          ceil_div(op.channels, int64_t{1} << op.expand));
    ub.append_to(out);
    const uint64_t last = op.acc_addr + uint64_t{op.n} * op.oh * op.ow;
    if (op.accumulate) out.push_back({Storage::kAcc, false, op.acc_addr, last});
    out.push_back({Storage::kAcc, true, op.acc_addr, last});
  }
  void operator()(const isa::Vector& op) const {
    const uint64_t lanes = op.lanes_m1 + 1;
    Collector ub(Storage::kUb, false), acc(Storage::kAcc, false);
    const auto rows = touched(op.h0, op.oh, op.stride_h, op.kh, 1, op.height);
    const auto columns = touched(op.w0, op.ow, op.stride_w, op.kw, 1, op.width);
    for (uint64_t b = 0; b < op.n; ++b)
      for (const int64_t h : rows)
        for (const int64_t v : columns) {
          const uint64_t a =
              op.src_addr + b * op.src_stride0 + h * op.src_stride1 + v * op.src_stride2;
          if (op.src_ub)
            slice(ub, a, op.src_slice, op.src_narrow, lanes);
          else
            acc.add(a, a + 1);
        }
    if (op.residual)
      outputs(ub, op, op.res_addr, op.res_stride0, op.res_stride1, op.res_stride2, op.res_slice,
              op.res_narrow);
    ub.append_to(out);
    acc.append_to(out);
    out.push_back({Storage::kPb, false, op.param_row, uint64_t{op.param_row} + 2});
    if (scalars != nullptr && scalars->use_table)
      out.push_back(
          {Storage::kTable, false, scalars->table_index, uint64_t{scalars->table_index} + 1});
    Collector destination(Storage::kUb, true);
    outputs(destination, op, op.dst_addr, op.dst_stride0, op.dst_stride1, op.dst_stride2,
            op.dst_slice, op.dst_narrow);
    destination.append_to(out);
  }

 private:
  void slice(Collector& ub, uint64_t word, uint64_t index, int narrow, uint64_t lanes) const {
    const LaneBytes bytes = slice_bytes(g, index, narrow, lanes);
    ub.add_lanes(g, word, bytes.first, bytes.last);
  }
  void outputs(Collector& ub, const isa::Vector& op, uint64_t addr, uint64_t s0, uint64_t s1,
               uint64_t s2, uint64_t index, int narrow) const {
    for (uint64_t b = 0; b < op.n; ++b)
      for (uint64_t i = 0; i < op.oh; ++i)
        for (uint64_t j = 0; j < op.ow; ++j)
          slice(ub, addr + b * s0 + i * s1 + j * s2, index, narrow, op.lanes_m1 + 1);
  }
};

}  // namespace

std::vector<Access> footprint(const Instruction& instruction, const arch::Geometry& g,
                              const isa::VectorSet* scalars) {
  std::vector<Access> accesses;
  std::visit(Accesses{g, scalars, accesses}, instruction.op);
  return accesses;
}

std::string storage_address(Storage storage, uint64_t address, const arch::Geometry& g) {
  switch (storage) {
    case Storage::kUb:
      return fmt::format("UB word {:#x} lane {}", address / g.word_bytes, address % g.word_bytes);
    case Storage::kAcc:
      return fmt::format("ACC row {}", address);
    case Storage::kPb:
      return fmt::format("parameter row {}", address);
    case Storage::kTable:
      return fmt::format("table {}", address);
    case Storage::kDram:
      return fmt::format("DRAM byte {:#x}", address);
  }
  return "?";
}

namespace {

struct PieceCount {
  double operator()(const isa::Sync auto&) const { return 0; }
  double operator()(const isa::VectorSet&) const { return 0; }
  double operator()(const isa::LoadParam&) const { return 1; }
  double operator()(const isa::LoadWeights&) const { return 1; }
  double operator()(const isa::LoadCodebook&) const { return 1; }
  double operator()(const isa::Load& op) const {
    return double(op.count0) * op.count1 * op.count2 * op.pixels;
  }
  double operator()(const isa::Store& op) const {
    return double(op.count0) * op.count1 * op.count2 * op.pixels;
  }
  double operator()(const isa::LoadWindow& op) const {
    return double(op.count0) * op.count1 * op.count2 * op.windows;
  }
  double operator()(const isa::Matmul& op) const { return double(op.n) * op.height * op.width; }
  double operator()(const isa::Vector& op) const {
    // Looking up a tap is cheaper than keeping an interval.
    const double outputs = double(op.n) * op.oh * op.ow;
    return double(op.n) * op.height * op.width + outputs * (2 + op.kh * op.kw / 10.0);
  }
};

}  // namespace

double piece_count(const Instruction& instruction) {
  return std::visit(PieceCount{}, instruction.op);
}

bool reads_own_result(const isa::Vector& op, const arch::Geometry& g) {
  const uint64_t lanes = op.lanes_m1 + uint64_t{1};
  const LaneBytes written = slice_bytes(g, op.dst_slice, op.dst_narrow, lanes);
  const bool source =
      op.src_ub && written.overlaps(slice_bytes(g, op.src_slice, op.src_narrow, lanes));
  const bool residual =
      op.residual && written.overlaps(slice_bytes(g, op.res_slice, op.res_narrow, lanes));
  if (!source && !residual) return false;  // other bytes
  std::unordered_map<int64_t, int64_t> first_writer;
  const int64_t outputs = int64_t{op.n} * op.oh * op.ow;
  const auto word = [&op](int64_t k, int64_t addr, int64_t s0, int64_t s1, int64_t s2) {
    return addr + k / (int64_t{op.oh} * op.ow) * s0 + k / op.ow % op.oh * s1 + k % op.ow * s2;
  };
  for (int64_t k = 0; k < outputs; ++k)
    first_writer.try_emplace(word(k, op.dst_addr, op.dst_stride0, op.dst_stride1, op.dst_stride2),
                             k);
  const auto written_before = [&](int64_t k, int64_t address) {
    const auto writer = first_writer.find(address);
    return writer != first_writer.end() && writer->second < k;
  };
  for (int64_t k = 0; k < outputs; ++k) {
    if (residual &&
        written_before(k, word(k, op.res_addr, op.res_stride0, op.res_stride1, op.res_stride2)))
      return true;
    if (!source) continue;
    const int64_t b = k / (int64_t{op.oh} * op.ow), i = k / op.ow % op.oh, j = k % op.ow;
    for (int64_t y = 0; y < op.kh; ++y)
      for (int64_t t = 0; t < op.kw; ++t) {
        const int64_t h = op.h0 + i * op.stride_h + y, v = op.w0 + j * op.stride_w + t;
        if (h < 0 || h >= op.height || v < 0 || v >= op.width) continue;
        if (written_before(
                k, op.src_addr + b * op.src_stride0 + h * op.src_stride1 + v * op.src_stride2))
          return true;
      }
  }
  return false;
}

}  // namespace systole::golden
