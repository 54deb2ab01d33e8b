// SPDX-License-Identifier: Apache-2.0
// The matrix unit and its weight buffer: results against the instruction's definition, cycles
// against docs/timing.md.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "Vmxu_wb_ROWS16_COLS16.h"
#include "Vmxu_wb_ROWS1_COLS1.h"
#include "Vmxu_wb_ROWS3_COLS7_WB_TILES3.h"
#include "Vmxu_wb_ROWS5_COLS3_WB_TILES2.h"
#include "Vmxu_wb_ROWS5_COLS8_ACT_BITS1.h"
#include "Vmxu_wb_ROWS9_COLS4_ACT_BITS2.h"
#include "model/arch/geometry.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

constexpr int kAccRows = 32;

/// A verilated configuration and its parameters.
template <class D, int kRows, int kCols, int kTiles, int kActBits = 8>
struct Config {
  using Dut = D;
  static isa::HwParams hw() {
    isa::HwParams p;
    p.rows = kRows, p.cols = kCols, p.ub_kib = 4, p.wb_tiles = kTiles, p.acc_rows = kAccRows;
    p.act_bits = kActBits;
    return p;
  }
};

struct Job {
  bool sync = false;
  isa::Matmul m;
};

/// What docs/timing.md makes of a job, and what the unit did.
struct Times {
  uint64_t start = 0, front_done = 0, end = 0;
  std::vector<uint64_t> tile_starts;  ///< T - 1 of each tile
  std::vector<uint64_t> passes;       ///< a hole is passed
  bool operator==(const Times&) const = default;
};

template <class C>
class MxuBench {
 public:
  explicit MxuBench(uint64_t seed) : b(seed), g(C::hw()), tiles_(C::hw().wb_tiles) {
    ub = b.random_bytes(static_cast<size_t>(g.ub_words * g.word_bytes));
    acc.assign(static_cast<size_t>(kAccRows * g.cols), 0);
    b->start_i = b->is_sync_i = b->acc_req_i = b->take_i = b->we_i = b->wlast_i = b->wskip_i = 0;
  }

  static int rows_of(const isa::Matmul& m) { return m.n * m.oh * m.ow; }
  int tiles_of(const isa::Matmul& m) const {
    return static_cast<int>(m.kh * m.kw * g.groups(m.channels));
  }

  /// A legal matmul; `keep` only where the ring holds all tiles.
  isa::Matmul random_matmul() {
    for (;;) {
      isa::Matmul m;
      m.n = static_cast<uint16_t>(b.pick(1, 2)), m.oh = static_cast<uint16_t>(b.pick(1, 5));
      m.ow = static_cast<uint16_t>(b.pick(1, 5));
      if (b.pick(0, 3) == 0) m.n = m.oh = m.ow = 1;
      m.kh = static_cast<uint8_t>(b.pick(1, 3)), m.kw = static_cast<uint8_t>(b.pick(1, 3));
      while (8 >> (m.narrow + 1) >= g.act_bits && b.pick(0, 2) != 0) ++m.narrow;
      while (8 >> (m.narrow + m.expand + 1) >= g.act_bits && b.pick(0, 2) != 0) ++m.expand;
      m.channels = static_cast<uint16_t>(b.pick(1, (b.pick(1, 3) * g.lanes << m.expand) + 1));
      m.stride_h = static_cast<uint8_t>(b.pick(1, 3)),
      m.stride_w = static_cast<uint8_t>(b.pick(1, 3));
      m.dil_h = static_cast<uint8_t>(b.pick(1, 2)), m.dil_w = static_cast<uint8_t>(b.pick(1, 2));
      m.h0 = static_cast<int16_t>(b.pick(-3, 2)), m.w0 = static_cast<int16_t>(b.pick(-3, 2));
      m.height = static_cast<uint16_t>(b.pick(1, 5)), m.width = static_cast<uint16_t>(b.pick(1, 5));
      m.pad_byte = static_cast<int8_t>(b.pick(-128, 127));
      m.ub_addr = static_cast<uint32_t>(b.pick(0, g.ub_words - 1));
      m.ub_stride0 = static_cast<uint32_t>(b.pick(0, 40)),
      m.ub_stride1 = static_cast<uint32_t>(b.pick(0, 20));
      m.ub_stride2 = static_cast<uint32_t>(b.pick(0, 9));
      m.accumulate = b.pick(0, 1) != 0;
      m.keep = b.pick(0, 2) == 0 && tiles_of(m) <= tiles_;
      const int64_t hi = m.ub_addr + (m.n - 1) * m.ub_stride0 + (m.height - 1) * m.ub_stride1 +
                         (m.width - 1) * m.ub_stride2 + g.words(m.channels, m.expand) - 1;
      if (rows_of(m) > kAccRows || hi >= g.ub_words) continue;
      m.acc_addr = static_cast<uint16_t>(b.pick(0, kAccRows - rows_of(m)));
      return m;
    }
  }

  /// Runs the jobs with random gaps of at most `gap` cycles; weights come with gaps of at most
  /// `weight_gap`.
  void run(const std::vector<Job>& jobs, int gap, int weight_gap) {
    plan_weights(jobs);
    size_t next = 0;
    uint64_t may_start = b.cycle;
    std::vector<Times> seen(jobs.size());
    size_t ended = 0;
    bool front_busy = false;
    size_t tile_row = 0;  // of the tile at feed_.front()
    uint64_t deadline = b.cycle + 100000;
    while (ended < jobs.size()) {
      REQUIRE(b.cycle < deadline);
      auto& dut = b.dut();
      // Front: WAIT, LOCK and RUN take three cycles at least; four instructions may be in flight.
      const bool start =
          !front_busy && next < jobs.size() && next < ended + 4 && b.cycle >= may_start;
      dut.start_i = start;
      if (start) {
        isa::Words words{};
        if (!jobs[next].sync) jobs[next].m.encode(words);
        bench::poke_values(dut.instr_i, words);
        dut.is_sync_i = jobs[next].sync;
        seen[next].start = b.cycle;
        front_busy = true;
        ++next;
      }
      drive_weights(dut, tile_row, weight_gap);
      b.settle();
      if (dut.tile_start_o) seen[next - 1].tile_starts.push_back(b.cycle);
      if (dut.skip_o) seen[next - 1].passes.push_back(b.cycle);
      streamed_rows += dut.busy_o, padded_rows += dut.pad_row_o, weight_loads += dut.weight_load_o;
      if (dut.front_done_o) {
        REQUIRE(front_busy);
        front_busy = false;
        seen[next - 1].front_done = b.cycle;
        may_start = b.cycle + 3 + static_cast<uint64_t>(b.pick(0, gap));
      }
      // An end may come in any order with starts, never before its own.
      if (dut.end_o) {
        REQUIRE(ended < next);
        seen[ended++].end = b.cycle;
      }
      const bool req = dut.ub_req_o;
      const uint64_t addr = dut.ub_addr_o;
      if (req) REQUIRE(addr < static_cast<uint64_t>(g.ub_words));
      b.tick();
      if (req) {
        bench::poke(
            dut.ub_rdata_i,
            {reinterpret_cast<const uint8_t*>(&ub[addr * static_cast<size_t>(g.word_bytes)]),
             static_cast<size_t>(g.word_bytes)});
      } else {
        const auto noise = b.random_bytes(static_cast<size_t>(g.word_bytes));
        bench::poke_values(dut.ub_rdata_i, noise);
      }
    }
    check_times(jobs, seen);
    for (size_t i = 0; i < jobs.size(); ++i)
      if (!jobs[i].sync) compute(jobs[i].m, places_[i]);
    check_acc();
  }

  bench::Bench<typename C::Dut> b;
  arch::Geometry g;
  std::vector<int8_t> ub;
  std::vector<int32_t> acc;
  int64_t streamed_rows = 0, padded_rows = 0, weight_loads = 0;
  int64_t expected_rows = 0, expected_pads = 0, expected_loads = 0;
  int64_t holes = 0, expanded = 0;  ///< passed; products of expanded values

 private:
  struct Tile {
    int lanes;
    std::vector<int8_t> data;
    int skip;            ///< holes before it
    uint64_t ready = 0;  ///< cycle in which it is visible as ready
  };

  /// The tiles the jobs will consume, in ring order, and for each job which tiles of its shape they
  /// are: the others are holes. The last tile is none, whatever the ring says.
  void plan_weights(const std::vector<Job>& jobs) {
    places_.assign(jobs.size(), {});
    const std::vector<int>* kept = nullptr;
    for (size_t i = 0; i < jobs.size(); ++i) {
      const isa::Matmul& m = jobs[i].m;
      if (jobs[i].sync) continue;
      if (kept != nullptr) places_[i] = *kept;
      const int tiles = tiles_of(m);
      for (int next = 0; kept == nullptr && next < tiles; ++next) {
        const int skip = b.pick(0, 2) == 0 ? static_cast<int>(b.pick(1, 6)) : 0;
        next = std::min(next + skip, tiles - 1);
        places_[i].push_back(next);
        const int lanes = g.group_lanes(next % g.groups(m.channels), m.channels);
        ring_.push_back({lanes, b.random_bytes(static_cast<size_t>(lanes * g.cols)), skip});
      }
      kept = m.keep ? &places_[i] : nullptr;
    }
  }

  void drive_weights(typename C::Dut& dut, size_t& row, int weight_gap) {
    dut.take_i = dut.we_i = dut.wlast_i = 0;
    if (fed_ == ring_.size()) return;
    if (!taken_) {
      b.settle();
      if (!dut.credit_o || b.pick(0, weight_gap) != 0) return;
      dut.take_i = 1;
      taken_ = true;
      return;
    }
    if (b.pick(0, weight_gap) != 0) return;
    Tile& tile = ring_[fed_];
    const size_t cols = static_cast<size_t>(g.cols);
    dut.we_i = 1;
    dut.wrow_i = static_cast<uint8_t>(row);
    bench::poke(dut.wdata_i, {reinterpret_cast<const uint8_t*>(&tile.data[row * cols]), cols});
    if (++row == static_cast<size_t>(tile.lanes)) {
      dut.wlast_i = 1;
      dut.wskip_i = static_cast<uint16_t>(tile.skip);
      tile.ready = b.cycle + 1;
      row = 0;
      taken_ = false;
      ++fed_;
    }
  }

  /// docs/timing.md, "MXU".
  void check_times(const std::vector<Job>& jobs, const std::vector<Times>& seen) {
    size_t head = head_;
    uint64_t previous_end = 0;
    for (size_t i = 0; i < jobs.size(); ++i) {
      Times t;
      t.start = seen[i].start;
      if (jobs[i].sync) {
        t.front_done = t.start;
        t.end = std::max(t.start + 1, previous_end + 1);
      } else {
        const isa::Matmul& m = jobs[i].m;
        const uint64_t rows = static_cast<uint64_t>(rows_of(m));
        uint64_t from = t.start, last_T = 0;
        uint64_t pass_from = t.start;
        const int groups = static_cast<int>(g.groups(m.channels));
        int next = 0;
        for (size_t j = 0; j < places_[i].size(); ++j) {
          const Tile& tile = ring_[head + j];
          const int place = places_[i][j];
          const int lanes = g.group_lanes(place % groups, m.channels);
          uint64_t passed = std::max(pass_from, tile.ready);
          for (; next < place; ++next) t.passes.push_back(passed++);
          next = place + 1;
          const uint64_t started = std::max(from, passed);
          pass_from = started + 1;
          const uint64_t cost = std::max(rows, static_cast<uint64_t>(lanes));
          t.tile_starts.push_back(started);
          last_T = started + 1;
          from = last_T + cost - 1;
          expected_rows += static_cast<int64_t>(rows);
          expected_loads += static_cast<int64_t>(cost - rows);
        }
        if (!m.keep) head += places_[i].size();
        holes += static_cast<int64_t>(t.passes.size());
        t.front_done = from;
        t.end = last_T + rows + static_cast<uint64_t>(g.rows + g.cols);
      }
      previous_end = t.end;
      INFO("job " << i << " of " << jobs.size() << (jobs[i].sync ? " (sync)" : " (matmul)"));
      REQUIRE(seen[i].tile_starts == t.tile_starts);
      REQUIRE(seen[i].passes == t.passes);
      REQUIRE(seen[i].front_done == t.front_done);
      REQUIRE(seen[i].end == t.end);
    }
  }

  /// Value `index` of `bits` bits from `bytes` on.
  static int value_at(const int8_t* bytes, int64_t index, int bits) {
    const int64_t at = index * bits;
    const int field = bytes[at / 8] >> at % 8 & ((1 << bits) - 1);
    if (bits == 1) return field != 0 ? 1 : -1;
    return field < 1 << (bits - 1) ? field : field - (1 << bits);
  }

  /// docs/isa.md, `matmul`.
  void compute(const isa::Matmul& m, const std::vector<int>& places) {
    size_t tile = head_;
    const int64_t groups = g.groups(m.channels), parts = 1 << m.expand;
    const int bits = 8 >> m.narrow, each = 1 << m.narrow;
    for (size_t t = 0; t < places.size(); ++t, ++tile) {
      const int64_t gr = places[t] % groups, lane_word = gr / g.row_slices;
      const int64_t position = places[t] / groups;
      const int64_t first_value = (lane_word % parts * g.lanes + gr % g.row_slices * g.rows) * each;
      for (int o = 0; o < rows_of(m); ++o) {
        const int j = o % m.ow, i = o / m.ow % m.oh, n = o / m.ow / m.oh;
        const int64_t h = m.h0 + i * m.stride_h + position / m.kw * m.dil_h,
                      v = m.w0 + j * m.stride_w + position % m.kw * m.dil_w;
        const bool inside = 0 <= h && h < m.height && 0 <= v && v < m.width;
        expected_pads += !inside;
        const int64_t word =
            m.ub_addr + n * m.ub_stride0 + h * m.ub_stride1 + v * m.ub_stride2 + lane_word / parts;
        const int8_t* bytes = inside ? &ub[static_cast<size_t>(word * g.word_bytes)] : nullptr;
        for (int c = 0; c < g.cols; ++c) {
          uint32_t sum = 0;
          for (int k = 0; k < ring_[tile].lanes * each; ++k) {
            const int a = inside ? value_at(bytes, first_value + k, bits >> m.expand)
                                 : value_at(&m.pad_byte, k % each, bits);
            const int8_t* weight = &ring_[tile].data[static_cast<size_t>(k / each * g.cols + c)];
            sum += static_cast<uint32_t>(a * value_at(weight, k % each, bits));
            expanded += inside && m.expand > 0;
          }
          int32_t& cell = acc[static_cast<size_t>((m.acc_addr + o) * g.cols + c)];
          cell = static_cast<int32_t>(sum +
                                      (t == 0 && !m.accumulate ? 0u : static_cast<uint32_t>(cell)));
        }
      }
    }
    if (!m.keep) head_ = tile;
  }

  void check_acc() {
    for (int row = 0; row < kAccRows; ++row) {
      b->acc_req_i = 1;
      b->acc_addr_i = static_cast<uint8_t>(row);
      b.tick();
      const auto got = bench::peek<int32_t>(b->acc_rdata_o, static_cast<size_t>(g.cols));
      const std::vector<int32_t> want(acc.begin() + row * g.cols, acc.begin() + (row + 1) * g.cols);
      INFO("acc row " << row);
      REQUIRE(got == want);
    }
    b->acc_req_i = 0;
    REQUIRE(streamed_rows == expected_rows);
    REQUIRE(padded_rows == expected_pads);
    REQUIRE(weight_loads == expected_loads);
  }

  int tiles_;
  std::vector<std::vector<int>> places_;  ///< of each job: the tiles of its shape that the ring has
  std::deque<Tile> ring_;                 ///< every tile of the run; head_ is the ring's head
  size_t head_ = 0, fed_ = 0;
  bool taken_ = false;
};

/// Overwrites every accumulator row: random registers hold no legal values.
template <class C>
Job clear_acc() {
  Job job;
  job.m.ow = kAccRows, job.m.height = 1, job.m.width = 1;
  return job;
}

}  // namespace

TEMPLATE_TEST_CASE("random matmuls and syncs give the defined sums in the stated cycles", "",
                   (Config<Vmxu_wb_ROWS1_COLS1, 1, 1, 4>),
                   (Config<Vmxu_wb_ROWS5_COLS3_WB_TILES2, 5, 3, 2>),
                   (Config<Vmxu_wb_ROWS3_COLS7_WB_TILES3, 3, 7, 3>),
                   (Config<Vmxu_wb_ROWS16_COLS16, 16, 16, 4>),
                   (Config<Vmxu_wb_ROWS5_COLS8_ACT_BITS1, 5, 8, 4, 1>),
                   (Config<Vmxu_wb_ROWS9_COLS4_ACT_BITS2, 9, 4, 4, 2>)) {
  int64_t holes = 0, expanded = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    MxuBench<TestType> bench(seed);
    bench.run({clear_acc<TestType>()}, 0, 0);
    std::vector<Job> jobs;
    for (int i = 0; i < 40; ++i) {
      Job job;
      job.sync = bench.b.pick(0, 3) == 0;
      if (!job.sync) job.m = bench.random_matmul();
      // A kept set of tiles is used again by an instruction with as many of them, cut alike.
      if (!job.sync && !jobs.empty()) {
        const auto kept =
            std::find_if(jobs.rbegin(), jobs.rend(), [](const Job& j) { return !j.sync; });
        if (kept != jobs.rend() && kept->m.keep) {
          const bool keep = bench.b.pick(0, 1) != 0;
          const uint16_t acc_addr = kept->m.acc_addr;
          job.m = kept->m;
          job.m.keep = keep, job.m.acc_addr = acc_addr;
          job.m.accumulate = bench.b.pick(0, 1) != 0;
        }
      }
      jobs.push_back(job);
    }
    // The ring must be released in the end: no job after the last one would do it.
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job)
      if (!job->sync) {
        job->m.keep = false;
        break;
      }
    const int gap = static_cast<int>(bench.b.pick(0, 6)),
              weight_gap = static_cast<int>(bench.b.pick(0, 3));
    bench.run(jobs, gap, seed % 3 == 0 ? 0 : weight_gap);
    holes += bench.holes, expanded += bench.expanded;
  }
  CHECK(holes > 100);
  if (TestType::hw().act_bits < 8) CHECK(expanded > 10000);
}

TEST_CASE("a matmul of two tiles on 16x16 takes the cycles that docs/timing.md states") {
  using Dut = Config<Vmxu_wb_ROWS16_COLS16, 16, 16, 4>;
  MxuBench<Dut> bench(7);
  Job job;
  job.m.ow = 20, job.m.width = 20, job.m.ub_stride2 = 2, job.m.channels = 24;
  auto& b = bench.b;
  // Two tiles of 16 and 8 weight rows, written before the start; the second is visible as ready in
  // cycle 26.
  for (int tile = 0; tile < 2; ++tile) {
    b->take_i = 1;
    b.tick();
    b->take_i = 0;
    for (int row = 0; row < (tile == 0 ? 16 : 8); ++row) {
      b->we_i = 1, b->wrow_i = static_cast<uint8_t>(row), b->wlast_i = row == (tile == 0 ? 15 : 7);
      b.tick();
    }
    b->we_i = b->wlast_i = 0;
  }
  isa::Words words{};
  job.m.encode(words);
  const uint64_t s = b.cycle;
  b->start_i = 1;
  bench::poke_values(b->instr_i, words);
  std::vector<uint64_t> starts, addressed;
  uint64_t done = 0, end = 0;
  while (end == 0) {
    b.settle();
    if (b->tile_start_o) starts.push_back(b.cycle - s);
    if (b->busy_o) addressed.push_back(b.cycle - s);
    if (b->front_done_o) done = b.cycle - s;
    if (b->end_o) end = b.cycle - s;
    b.tick();
    b->start_i = 0;
    REQUIRE(b.cycle < s + 200);
  }
  // T0 = s + 1, cost max(20, 16) = 20: tile 1 starts in T0 + 19 = s + 20, T1 = s + 21, and is last
  // in T1 + 19 = s + 40.
  REQUIRE(starts == std::vector<uint64_t>{0, 20});
  REQUIRE(addressed.size() == 40);
  REQUIRE(addressed.front() == 1);
  REQUIRE(addressed.back() == 40);
  REQUIRE(done == 40);
  // end = T1 + M + ROWS + COLS = s + 21 + 20 + 16 + 16.
  REQUIRE(end == 73);
}

}  // namespace systole
