// SPDX-License-Identifier: Apache-2.0
// The vector unit: results against the instruction's definition (model/isa/rounding.h), cycles
// against docs/timing.md.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "Vsys_vpu_ROWS16_COLS16.h"
#include "Vsys_vpu_ROWS16_COLS4.h"
#include "Vsys_vpu_ROWS1_COLS1.h"
#include "Vsys_vpu_ROWS3_COLS7.h"
#include "Vsys_vpu_ROWS5_COLS3.h"
#include "model/arch/geometry.h"
#include "model/isa/rounding.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

constexpr int kAccRows = 64, kPbRows = 8, kUbKib = 2;

template <class D, int kRows, int kCols>
struct Config {
  using Dut = D;
  static isa::HwParams hw() {
    isa::HwParams p;
    p.rows = kRows, p.cols = kCols, p.ub_kib = kUbKib, p.acc_rows = kAccRows, p.pb_rows = kPbRows;
    return p;
  }
};

/// One output row: when it is on the write port, where it goes, its bytes.
struct Write {
  uint64_t cycle;
  int64_t addr;
  std::vector<int8_t> lanes;
  bool operator==(const Write&) const = default;
};
std::ostream& operator<<(std::ostream& os, const Write& w) {
  os << "cycle " << w.cycle << " word " << w.addr << ":";
  for (int8_t lane : w.lanes) os << ' ' << int{lane};
  return os;
}

template <class C>
class VpuBench {
 public:
  explicit VpuBench(uint64_t seed) : b(seed), g(C::hw()) {
    b->start_i = b->is_vector_i = b->is_set_i = b->param_we_i = 0;
    ub = b.random_bytes(static_cast<size_t>(g.ub_words * g.word_bytes));
    for (int i = 0; i < kAccRows * g.cols; ++i) acc.push_back(random_sum());
    load_params();
  }

  /// Sums as networks have them: mostly small, some at the edges.
  int32_t random_sum() {
    const auto r = static_cast<int32_t>(b.random());
    return b.pick(0, 9) == 0 ? r : r >> 12;
  }

  float random_scale() {
    return std::ldexp(1.0f + static_cast<float>(b.pick(0, 0x7fffff)) * 0x1p-23f,
                      static_cast<int>(b.pick(-18, 2)));
  }

  isa::VectorSet random_set() {
    isa::VectorSet s;
    s.two_roundings = b.pick(0, 1) != 0, s.use_table = b.pick(0, 2) == 0;
    s.multiply = b.pick(0, 1) != 0;
    s.table_index = static_cast<uint8_t>(b.pick(0, 3));
    s.one_byte = b.pick(0, 3) == 0, s.byte_index = static_cast<uint8_t>(b.pick(0, 3));
    s.out_zero = static_cast<int8_t>(b.pick(-128, 127)),
    s.mid_zero = static_cast<int8_t>(b.pick(-128, 127));
    s.res_zero = static_cast<int8_t>(b.pick(-128, 127));
    s.clamp_lo = static_cast<int8_t>(b.pick(-128, 0)),
    s.clamp_hi = static_cast<int8_t>(b.pick(0, 127));
    s.mid_lo = static_cast<int8_t>(b.pick(-128, 0)), s.mid_hi = static_cast<int8_t>(b.pick(0, 127));
    s.mid_scale = random_scale(), s.res_scale = random_scale();
    return s;
  }

  isa::Vector random_vector() {
    for (;;) {
      isa::Vector v;
      v.src_ub = b.pick(0, 1) != 0, v.reduce_sum = b.pick(0, 1) != 0,
      v.residual = b.pick(0, 1) != 0;
      v.n = static_cast<uint16_t>(b.pick(1, 2)), v.oh = static_cast<uint16_t>(b.pick(1, 4));
      v.ow = static_cast<uint16_t>(b.pick(1, 4));
      v.kh = static_cast<uint8_t>(b.pick(0, 1) ? 1 : b.pick(1, 3)),
      v.kw = static_cast<uint8_t>(b.pick(0, 1) ? 1 : b.pick(1, 3));
      v.stride_h = static_cast<uint8_t>(b.pick(1, 3)),
      v.stride_w = static_cast<uint8_t>(b.pick(1, 3));
      v.h0 = static_cast<int16_t>(b.pick(-2, 1)), v.w0 = static_cast<int16_t>(b.pick(-2, 1));
      v.height = static_cast<uint16_t>(b.pick(1, 5)), v.width = static_cast<uint16_t>(b.pick(1, 5));
      v.pad_byte = static_cast<int8_t>(b.pick(-128, 127));
      v.src_stride0 = static_cast<uint32_t>(b.pick(0, 25)),
      v.src_stride1 = static_cast<uint16_t>(b.pick(0, 6));
      v.src_stride2 = static_cast<uint16_t>(b.pick(0, 2));
      v.dst_stride0 = static_cast<uint32_t>(b.pick(0, 30)),
      v.dst_stride1 = static_cast<uint16_t>(b.pick(0, 9));
      v.dst_stride2 = static_cast<uint16_t>(b.pick(0, 3));
      v.res_stride0 = static_cast<uint32_t>(b.pick(0, 30)),
      v.res_stride1 = static_cast<uint16_t>(b.pick(0, 9));
      v.res_stride2 = static_cast<uint16_t>(b.pick(0, 3));
      v.src_slice = static_cast<uint8_t>(b.pick(0, g.col_slices - 1));
      v.res_slice = static_cast<uint8_t>(b.pick(0, g.col_slices - 1));
      v.dst_slice = static_cast<uint8_t>(b.pick(0, g.col_slices - 1));
      v.lanes_m1 =
          static_cast<uint8_t>(b.pick(1, std::min(g.cols, g.lanes - v.dst_slice * g.cols)) - 1);
      v.param_row = static_cast<uint16_t>(2 * b.pick(0, kPbRows / 2 - 1));
      const int64_t src_words = v.src_ub ? g.ub_words : kAccRows;
      v.src_addr = static_cast<uint32_t>(b.pick(0, src_words - 1));
      v.dst_addr = static_cast<uint32_t>(b.pick(0, g.ub_words - 1));
      v.res_addr = static_cast<uint32_t>(b.pick(0, g.ub_words - 1));
      const auto last = [&](int64_t addr, int64_t s0, int64_t s1, int64_t s2) {
        return addr + (v.n - 1) * s0 + (v.oh - 1) * s1 + (v.ow - 1) * s2;
      };
      const int64_t src_hi = v.src_addr + (v.n - 1) * v.src_stride0 +
                             (v.height - 1) * v.src_stride1 + (v.width - 1) * v.src_stride2;
      if (src_hi < src_words &&
          last(v.dst_addr, v.dst_stride0, v.dst_stride1, v.dst_stride2) < g.ub_words &&
          last(v.res_addr, v.res_stride0, v.res_stride1, v.res_stride2) < g.ub_words)
        return v;
    }
  }

  void set(const isa::VectorSet& s) {
    isa::Words words{};
    s.encode(words);
    bench::poke_values(b->instr_i, words);
    b->start_i = b->is_set_i = 1;
    b.settle();
    REQUIRE(b->end_o == 1);  // end = s
    b.tick();
    b->start_i = b->is_set_i = 0;
    set_ = s;
  }

  /// Runs one vector and compares every write, every cycle, every count.
  void run(const isa::Vector& v) {
    isa::Words words{};
    v.encode(words);
    bench::poke_values(b->instr_i, words);
    const uint64_t s = b.cycle;
    const auto expected = expect(v, s);
    const uint64_t costs = static_cast<uint64_t>(v.kh * v.kw + (v.src_ub && v.residual));
    const uint64_t outputs = static_cast<uint64_t>(v.n * v.oh * v.ow);
    const uint64_t last_read = s + 3 + outputs * costs - 1, end = last_read + 11;
    std::vector<Write> seen;
    uint64_t taps = 0;
    b->start_i = b->is_vector_i = 1;
    for (;;) {
      b.settle();
      INFO("cycle s + " << b.cycle - s);
      REQUIRE(bool{b->setup_o != 0} == (b.cycle < s + 3));
      REQUIRE(bool{b->busy_o != 0} == (b.cycle >= s + 3 && b.cycle <= last_read));
      REQUIRE(bool{b->drain_o != 0} == (b.cycle > last_read));
      REQUIRE(bool{b->end_o != 0} == (b.cycle == end));
      REQUIRE(b->output_o == b->ub_we_o);
      taps += b->tap_o;
      if (b->ub_we_o) seen.push_back(written(v));
      const bool ub_req = b->ub_req_o, acc_req = b->acc_req_o, ended = b->end_o;
      const size_t ub_addr = b->ub_addr_o, acc_addr = b->acc_addr_o;
      if (ub_req) REQUIRE(ub_addr < static_cast<size_t>(g.ub_words));
      if (acc_req) REQUIRE(acc_addr < static_cast<size_t>(kAccRows));
      b.tick();
      b->start_i = 0;
      if (ub_req)
        bench::poke(
            b->ub_rdata_i,
            {reinterpret_cast<const uint8_t*>(&ub[ub_addr * static_cast<size_t>(g.word_bytes)]),
             static_cast<size_t>(g.word_bytes)});
      else
        bench::poke_values(b->ub_rdata_i, b.random_bytes(static_cast<size_t>(g.word_bytes)));
      if (acc_req)
        bench::poke(b->acc_rdata_i,
                    {reinterpret_cast<const uint8_t*>(&acc[acc_addr * static_cast<size_t>(g.cols)]),
                     static_cast<size_t>(4 * g.cols)});
      else
        bench::poke_values(b->acc_rdata_i, b.random_bytes(static_cast<size_t>(4 * g.cols)));
      if (ended) break;
    }
    b->is_vector_i = 0;
    REQUIRE(taps == outputs * static_cast<uint64_t>(v.kh * v.kw));
    REQUIRE(seen == expected);
    for (const Write& w : seen)
      for (size_t lane = 0; lane < w.lanes.size(); ++lane)
        ub[static_cast<size_t>(w.addr * g.word_bytes + v.dst_slice * g.cols) + lane] =
            w.lanes[lane];
  }

  bench::Bench<typename C::Dut> b;
  arch::Geometry g;

 private:
  /// Biases in even rows, scales in odd ones, and four tables.
  void load_params() {
    const auto words = static_cast<size_t>(g.pb_row_bytes / g.pb_word_bytes);
    for (int row = 0; row < kPbRows; ++row) {
      std::vector<uint32_t> values(static_cast<size_t>(g.pb_row_bytes / 4));
      for (int c = 0; c < g.cols; ++c)
        values[static_cast<size_t>(c)] = row % 2 == 0 ? static_cast<uint32_t>(random_sum())
                                                      : std::bit_cast<uint32_t>(random_scale());
      params_.push_back(values);
      write_param(false, row, reinterpret_cast<const uint8_t*>(values.data()), words);
    }
    for (int t = 0; t < 4; ++t) {
      tables_.push_back(b.random_bytes(256));
      write_param(true, t, reinterpret_cast<const uint8_t*>(tables_.back().data()),
                  static_cast<size_t>(256 / g.pb_word_bytes));
    }
  }

  void write_param(bool table, int row, const uint8_t* data, size_t words) {
    const auto step = static_cast<size_t>(g.pb_word_bytes);
    for (size_t w = 0; w < words; ++w) {
      b->param_we_i = 1, b->param_table_i = table, b->param_row_i = static_cast<uint16_t>(row);
      b->param_word_i = static_cast<uint8_t>(w);
      bench::poke(b->param_wdata_i, {data + w * step, step});
      b.tick();
    }
    b->param_we_i = 0;
  }

  /// The row on the write port; checks that exactly the destination's lanes are enabled.
  Write written(const isa::Vector& v) {
    const auto data = bench::peek<int8_t>(b->ub_wdata_o, static_cast<size_t>(g.word_bytes));
    const auto enables =
        bench::peek<uint8_t>(b->ub_wbe_o, static_cast<size_t>((g.word_bytes + 7) / 8));
    const int first = v.dst_slice * g.cols, lanes = v.lanes_m1 + 1;
    for (int i = 0; i < g.word_bytes; ++i)
      REQUIRE((enables[static_cast<size_t>(i / 8)] >> (i % 8) & 1) ==
              (i >= first && i < first + lanes));
    return {b.cycle,
            static_cast<int64_t>(b->ub_waddr_o),
            {data.begin() + first, data.begin() + first + lanes}};
  }

  /// docs/isa.md, `vector`; docs/timing.md, "VPU".
  std::vector<Write> expect(const isa::Vector& v, uint64_t s) {
    std::vector<Write> writes;
    uint64_t c = s + 3;
    for (int n = 0; n < v.n; ++n)
      for (int i = 0; i < v.oh; ++i)
        for (int j = 0; j < v.ow; ++j) {
          c += static_cast<uint64_t>(v.kh * v.kw + (v.src_ub && v.residual));
          Write w{c - 1 + 11,
                  v.dst_addr + n * int64_t{v.dst_stride0} + i * v.dst_stride1 + j * v.dst_stride2,
                  {}};
          const int64_t res =
              (v.res_addr + n * int64_t{v.res_stride0} + i * v.res_stride1 + j * v.res_stride2) *
                  g.word_bytes +
              v.res_slice * g.cols;
          for (int lane = 0; lane <= v.lanes_m1; ++lane) {
            const auto bias = static_cast<int32_t>(params_[v.param_row][static_cast<size_t>(lane)]);
            const auto scale =
                std::bit_cast<float>(params_[v.param_row + 1u][static_cast<size_t>(lane)]);
            const bool slice_ends = v.res_slice * g.cols + lane >= g.word_bytes;
            const int8_t r =
                v.residual && !slice_ends ? ub[static_cast<size_t>(res + lane)] : int8_t{0};
            int8_t y = isa::requantise(window(v, n, i, j, lane), bias, scale,
                                       v.residual ? &r : nullptr, set_);
            if (set_.use_table) y = tables_[set_.table_index][static_cast<size_t>(y + 128)];
            w.lanes.push_back(y);
          }
          writes.push_back(w);
        }
    return writes;
  }

  int32_t window(const isa::Vector& v, int n, int i, int j, int lane) const {
    int32_t x = 0;
    for (int y = 0; y < v.kh; ++y)
      for (int t = 0; t < v.kw; ++t) {
        const int h = v.h0 + i * v.stride_h + y, w = v.w0 + j * v.stride_w + t;
        int32_t a = v.reduce_sum ? v.pad_byte : INT32_MIN;
        if (0 <= h && h < v.height && 0 <= w && w < v.width) {
          const int64_t addr =
              v.src_addr + n * int64_t{v.src_stride0} + h * v.src_stride1 + w * v.src_stride2;
          const int byte = v.src_slice * g.cols + lane;
          if (!v.src_ub)
            a = acc[static_cast<size_t>(addr * g.cols + lane)];
          else
            a = byte < g.word_bytes ? ub[static_cast<size_t>(addr * g.word_bytes + byte)] : 0;
        }
        x = y == 0 && t == 0 ? a : v.reduce_sum ? isa::wrap_add(x, a) : std::max(x, a);
      }
    return x;
  }

  std::vector<int8_t> ub;
  std::vector<int32_t> acc;
  std::vector<std::vector<uint32_t>> params_;
  std::vector<std::vector<int8_t>> tables_;
  isa::VectorSet set_;
};

}  // namespace

TEMPLATE_TEST_CASE("random vectors give the defined bytes in the stated cycles", "",
                   (Config<Vsys_vpu_ROWS1_COLS1, 1, 1>), (Config<Vsys_vpu_ROWS5_COLS3, 5, 3>),
                   (Config<Vsys_vpu_ROWS3_COLS7, 3, 7>), (Config<Vsys_vpu_ROWS16_COLS4, 16, 4>),
                   (Config<Vsys_vpu_ROWS16_COLS16, 16, 16>)) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    VpuBench<TestType> bench(seed);
    for (int i = 0; i < 40; ++i) {
      if (i % 4 == 0) bench.set(bench.random_set());
      CAPTURE(i);
      bench.run(bench.random_vector());
      for (int64_t idle = bench.b.pick(0, 3); idle > 0; --idle) bench.b.tick();
    }
  }
}

TEST_CASE("a sync of the vector unit ends in the cycle in which it starts") {
  VpuBench<Config<Vsys_vpu_ROWS16_COLS16, 16, 16>> bench(1);
  auto& b = bench.b;
  b->start_i = 1;
  b.settle();
  REQUIRE(b->end_o == 1);
  REQUIRE(b->busy_o == 1);
  b.tick();
  b->start_i = 0;
  b.settle();
  REQUIRE(b->end_o == 0);
  REQUIRE(b->busy_o == 0);
}

}  // namespace systole
