// SPDX-License-Identifier: Apache-2.0
// The weight load DMA: random streams of tiles, dense and diagonal, under random stalls and
// credits.
#include <bit>
#include <catch2/catch.hpp>

#include "Vsys_ldw_ROWS1_COLS1_AXI_BITS32_BURST_BEATS1_OUTSTANDING1.h"
#include "Vsys_ldw_ROWS3_COLS7_AXI_BITS64_BURST_BEATS4_OUTSTANDING3_WEIGHT_BITS1.h"
#include "Vsys_ldw_ROWS5_COLS3_AXI_BITS256_BURST_BEATS2_OUTSTANDING8_WEIGHT_BITS2.h"
#include "model/arch/geometry.h"
#include "tests/rtl/read_port.h"

namespace systole {
namespace {

template <class D, int kR, int kC, int kBytes, int kBeats, unsigned kBits>
struct Config {
  using Dut = D;
  static constexpr int kRows = kR, kCols = kC, kAxiBytes = kBytes, kBurstBeats = kBeats;
  static constexpr unsigned kWeightBits = kBits;
};

constexpr int kTiles = 3;

/// A row of a tile as it must be written.
struct Row {
  int index;
  bool last;
  std::vector<uint8_t> bytes;
  bool operator==(const Row&) const = default;
};

template <class C>
class WeightBench {
 public:
  explicit WeightBench(uint64_t seed)
      : b(seed), g(params()), memory(64 * 1024), port(b, memory), credits(kTiles) {
    for (auto& byte : memory) byte = static_cast<uint8_t>(b.random());
    b->start_i = b->credit_i = 0;
  }

  void run(int instructions) {
    int started = 0, ended = 0, filled = 0;
    bool issuing = false;
    while (ended < instructions) {
      REQUIRE(b.cycle < 400000);
      port.drive();
      b->start_i = !issuing && started < instructions && started - ended < 4 && b.pick(0, 2) == 0;
      if (b->start_i) {
        bench::poke_values(b->instr_i, next());
        ++started;
        issuing = true;
      }
      // Credits are registered: tiles that the array gave back in earlier cycles.
      if (filled > 0 && b.pick(0, 9) == 0) --filled, ++credits;
      b->credit_i = credits > 0;
      b.settle();
      port.answer();
      b.settle();
      if (b->no_credit_o) {
        CHECK(credits == 0);
        ++starved;
      }
      if (b->take_o) {
        REQUIRE(credits > 0);
        --credits;
      }
      if (b->wb_we_o) {
        const Row row{static_cast<int>(b->wb_row_o), b->wb_last_o != 0,
                      bench::peek<uint8_t>(b->wb_data_o, C::kCols)};
        REQUIRE(!rows.empty());
        REQUIRE(row.index == rows.front().index);
        REQUIRE(row.last == rows.front().last);
        REQUIRE(row.bytes == rows.front().bytes);
        rows.pop_front();
        if (row.last) ++filled;
      }
      if (b->front_done_o) issuing = false;
      if (b->end_o) ++ended;
      b.tick();
    }
    CHECK(rows.empty());
    CHECK(starved > 0);  // or the test did not try what it should
    CHECK(port.bytes_asked == want_bytes);
  }

 private:
  static isa::HwParams params() {
    isa::HwParams p;
    p.rows = C::kRows, p.cols = C::kCols;
    return p;
  }

  static size_t row_bytes(const isa::LoadWeights& x) {
    return (x.cols + (size_t{1} << x.narrow) - 1) >> x.narrow;
  }

  /// The row of weights that begins at byte `at`, as wide as the array.
  std::vector<uint8_t> row_at(size_t at, const isa::LoadWeights& x) const {
    std::vector<uint8_t> row(C::kCols, 0);
    const int bits = 8 >> x.narrow;
    for (int c = 0; c < x.cols; ++c) {
      const int field =
          memory[at + static_cast<size_t>(c * bits / 8)] >> c * bits % 8 & 0xff >> (8 - bits);
      const int value = bits == 1             ? (field ? 1 : -1)
                        : field >> (bits - 1) ? field - (1 << bits)
                                              : field;
      row[static_cast<size_t>(c)] = static_cast<uint8_t>(value);
    }
    return row;
  }

  /// A random instruction; the rows it must write are appended.
  std::vector<uint32_t> next() {
    if (b.pick(0, 4) == 0) return bench::instruction_words(isa::SyncLdw{});
    isa::LoadWeights x;
    x.positions = static_cast<uint16_t>(b.pick(1, 3));
    x.channels = static_cast<uint16_t>(b.pick(1, 3 * g.lanes));
    x.cols = static_cast<uint16_t>(b.pick(1, C::kCols));
    x.dram_addr = static_cast<uint32_t>(b.pick(0, 60000));
    x.narrow = static_cast<uint8_t>(b.pick(0, std::countr_zero(8u / C::kWeightBits)));
    if (b.pick(0, 1) == 0) return next_diagonal(x);
    size_t at = x.dram_addr;
    for (int k = 0; k < x.positions; ++k)
      for (int group = 0; group < g.groups(x.channels); ++group) {
        const int lanes = g.group_lanes(group, x.channels);
        for (int r = 0; r < lanes; ++r) {
          rows.push_back({r, r == lanes - 1, row_at(at, x)});
          at += row_bytes(x);
        }
      }
    want_bytes += at - x.dram_addr;
    return bench::instruction_words(x);
  }

  /// The same with diagonal tiles: every position is one row of bytes.
  std::vector<uint32_t> next_diagonal(isa::LoadWeights x) {
    x.diagonal = true;
    x.channels = static_cast<uint16_t>(b.pick(1, g.lanes));
    x.cols = std::min(x.cols, x.channels);
    x.first = static_cast<uint8_t>(b.pick(0, x.channels - x.cols));
    for (int k = 0; k < x.positions; ++k)
      for (int channel = 0, group = 0; group < g.groups(x.channels); ++group) {
        const int lanes = g.group_lanes(group, x.channels);
        for (int r = 0; r < lanes; ++r, ++channel) {
          Row row{r, r == lanes - 1, std::vector<uint8_t>(C::kCols, 0)};
          const int column = channel - x.first;
          if (0 <= column && column < x.cols)
            row.bytes[static_cast<size_t>(column)] =
                row_at(x.dram_addr + static_cast<size_t>(k) * row_bytes(x),
                       x)[static_cast<size_t>(column)];
          rows.push_back(row);
        }
      }
    want_bytes += static_cast<uint64_t>(x.positions) * row_bytes(x);
    return bench::instruction_words(x);
  }

  bench::Bench<typename C::Dut> b;
  arch::Geometry g;
  std::vector<uint8_t> memory;
  bench::ReadPort<typename C::Dut, C::kAxiBytes, C::kBurstBeats> port;
  std::deque<Row> rows;  // still to come
  int credits, starved = 0;
  uint64_t want_bytes = 0;
};

using Square1 = Config<Vsys_ldw_ROWS1_COLS1_AXI_BITS32_BURST_BEATS1_OUTSTANDING1, 1, 1, 4, 1, 8>;
using Tall =
    Config<Vsys_ldw_ROWS5_COLS3_AXI_BITS256_BURST_BEATS2_OUTSTANDING8_WEIGHT_BITS2, 5, 3, 32, 2, 2>;
using Wide =
    Config<Vsys_ldw_ROWS3_COLS7_AXI_BITS64_BURST_BEATS4_OUTSTANDING3_WEIGHT_BITS1, 3, 7, 8, 4, 1>;

TEMPLATE_TEST_CASE("weight tiles follow one another row by row and wait for credits", "", Square1,
                   Tall, Wide) {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  WeightBench<TestType>(seed).run(80);
}

}  // namespace
}  // namespace systole
