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
#include "model/arch/geometry.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

constexpr int kAccRows = 32;

/// A verilated configuration and its parameters.
template <class D, int kRows, int kCols, int kTiles>
struct Config {
  using Dut = D;
  static HwParams hw() {
    HwParams p;
    p.rows = kRows, p.cols = kCols, p.ub_kib = 4, p.wb_tiles = kTiles, p.acc_rows = kAccRows;
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
  bool operator==(const Times&) const = default;
};

template <class C>
class MxuBench {
 public:
  explicit MxuBench(uint64_t seed) : b(seed), g(C::hw()), tiles_(C::hw().wb_tiles) {
    ub = b.random_bytes(static_cast<size_t>(g.ub_words * g.word_bytes));
    acc.assign(static_cast<size_t>(kAccRows * g.cols), 0);
    b->start_i = b->is_sync_i = b->acc_req_i = b->take_i = b->we_i = b->wlast_i = 0;
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
      m.channels = static_cast<uint16_t>(b.pick(1, 3 * g.lanes + 1));
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
                         (m.width - 1) * m.ub_stride2 + g.words(m.channels) - 1;
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
    for (const Job& job : jobs)
      if (!job.sync) compute(job.m);
    check_acc();
  }

  bench::Bench<typename C::Dut> b;
  Geometry g;
  std::vector<int8_t> ub;
  std::vector<int32_t> acc;
  int64_t streamed_rows = 0, padded_rows = 0, weight_loads = 0;
  int64_t expected_rows = 0, expected_pads = 0, expected_loads = 0;

 private:
  struct Tile {
    int lanes;
    std::vector<int8_t> data;
    uint64_t ready = 0;  ///< cycle in which it is visible as ready
  };

  /// The tiles the jobs will consume, in ring order.
  void plan_weights(const std::vector<Job>& jobs) {
    const Job* keeper = nullptr;
    for (const Job& job : jobs) {
      if (job.sync) continue;
      if (keeper == nullptr) {
        for (int p = 0; p < job.m.kh * job.m.kw; ++p)
          for (int64_t gr = 0; gr < g.groups(job.m.channels); ++gr) {
            const int lanes = g.group_lanes(gr, job.m.channels);
            ring_.push_back({lanes, b.random_bytes(static_cast<size_t>(lanes * g.cols))});
          }
      }
      keeper = job.m.keep ? &job : nullptr;
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
        const int groups = static_cast<int>(g.groups(m.channels));
        for (int j = 0; j < tiles_of(m); ++j) {
          const int lanes = g.group_lanes(j % groups, m.channels);
          const uint64_t started = std::max(from, ring_[head + static_cast<size_t>(j)].ready);
          const uint64_t cost = std::max(rows, static_cast<uint64_t>(lanes));
          t.tile_starts.push_back(started);
          last_T = started + 1;
          from = last_T + cost - 1;
          expected_rows += static_cast<int64_t>(rows);
          expected_loads += static_cast<int64_t>(cost - rows);
        }
        if (!m.keep) head += static_cast<size_t>(tiles_of(m));
        t.front_done = from;
        t.end = last_T + rows + static_cast<uint64_t>(g.rows + g.cols);
      }
      previous_end = t.end;
      INFO("job " << i << " of " << jobs.size() << (jobs[i].sync ? " (sync)" : " (matmul)"));
      REQUIRE(seen[i].tile_starts == t.tile_starts);
      REQUIRE(seen[i].front_done == t.front_done);
      REQUIRE(seen[i].end == t.end);
    }
  }

  /// docs/isa.md, `matmul`.
  void compute(const isa::Matmul& m) {
    size_t tile = head_;
    bool first = true;
    for (int y = 0; y < m.kh; ++y)
      for (int x = 0; x < m.kw; ++x)
        for (int64_t gr = 0; gr < g.groups(m.channels); ++gr, ++tile, first = false)
          for (int o = 0; o < rows_of(m); ++o) {
            const int j = o % m.ow, i = o / m.ow % m.oh, n = o / m.ow / m.oh;
            const int h = m.h0 + i * m.stride_h + y * m.dil_h,
                      v = m.w0 + j * m.stride_w + x * m.dil_w;
            const bool inside = 0 <= h && h < m.height && 0 <= v && v < m.width;
            expected_pads += !inside;
            const int64_t word = m.ub_addr + n * m.ub_stride0 + h * m.ub_stride1 +
                                 v * m.ub_stride2 + gr / g.row_slices;
            const int64_t lane0 = word * g.word_bytes + gr % g.row_slices * g.rows;
            for (int c = 0; c < g.cols; ++c) {
              uint32_t sum = 0;
              for (int r = 0; r < ring_[tile].lanes; ++r) {
                const int a = inside ? ub[static_cast<size_t>(lane0 + r)] : m.pad_byte;
                sum += static_cast<uint32_t>(a *
                                             ring_[tile].data[static_cast<size_t>(r * g.cols + c)]);
              }
              int32_t& cell = acc[static_cast<size_t>((m.acc_addr + o) * g.cols + c)];
              cell = static_cast<int32_t>(
                  sum + (first && !m.accumulate ? 0u : static_cast<uint32_t>(cell)));
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
  std::deque<Tile> ring_;  ///< every tile of the run; head_ is the ring's head
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
                   (Config<Vmxu_wb_ROWS16_COLS16, 16, 16, 4>)) {
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
  }
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
