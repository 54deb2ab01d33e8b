// SPDX-License-Identifier: Apache-2.0
// The load DMA: random loads, window loads and parameter loads under random stalls against their
// pseudo-code.
#include <catch2/catch.hpp>

#include "Vsys_lda_ROWS16_COLS4_AXI_BITS256_BURST_BEATS2_OUTSTANDING8.h"
#include "Vsys_lda_ROWS1_COLS1_AXI_BITS32_BURST_BEATS1_OUTSTANDING1.h"
#include "Vsys_lda_ROWS5_COLS3_AXI_BITS64_BURST_BEATS4_OUTSTANDING3.h"
#include "model/arch/geometry.h"
#include "tests/rtl/read_port.h"

namespace systole {
namespace {

template <class D, int kR, int kC, int kBytes, int kBeats>
struct Config {
  using Dut = D;
  static constexpr int kRows = kR, kCols = kC, kAxiBytes = kBytes, kBurstBeats = kBeats;
};

constexpr int kUbKib = 8, kTableBytes = 256, kTables = 4, kParamRows = 8;

/// One load DMA and what the unified buffer, the parameter rows and the tables must hold.
template <class C>
class LoadBench {
 public:
  explicit LoadBench(uint64_t seed)
      : b(seed), g(params()), memory(64 * 1024), port(b, memory), ub(bytes_of_ub()), want_ub(ub) {
    for (auto& byte : memory) byte = static_cast<uint8_t>(b.random());
    params_held.resize(static_cast<size_t>(kParamRows * g.pb_row_bytes + kTables * kTableBytes));
    want_params = params_held;
    b->start_i = 0;
  }

  void run(int instructions) {
    int started = 0, ended = 0;
    bool issuing = false;
    std::vector<uint32_t> words;
    while (ended < instructions) {
      REQUIRE(b.cycle < 400000);
      port.drive();
      b->start_i = !issuing && started < instructions && started - ended < 4 && b.pick(0, 2) == 0;
      if (b->start_i) {
        words = next();
        bench::poke_values(b->instr_i, words);
        ++started;
        issuing = true;
      }
      b.settle();
      port.answer();
      b.settle();
      collect();
      if (b->front_done_o) {
        REQUIRE(issuing);
        issuing = false;
      }
      if (b->end_o) ++ended;
      REQUIRE(ended <= started);
      b.tick();
    }
    // What ended is written: the last write is in the end's own cycle.
    CHECK(ub == want_ub);
    CHECK(params_held == want_params);
    CHECK(port.bytes_asked == want_bytes);
  }

 private:
  static isa::HwParams params() {
    isa::HwParams p;
    p.rows = C::kRows, p.cols = C::kCols, p.ub_kib = kUbKib, p.ub_banks = 1;
    p.pb_rows = kParamRows, p.axi_bits = 8 * C::kAxiBytes, p.burst_beats = C::kBurstBeats;
    return p;
  }
  size_t bytes_of_ub() const { return static_cast<size_t>(g.ub_words * g.word_bytes); }
  uint32_t u32(int64_t lo, int64_t hi) { return static_cast<uint32_t>(b.pick(lo, hi)); }
  uint16_t u16(int64_t lo, int64_t hi) { return static_cast<uint16_t>(b.pick(lo, hi)); }
  /// The byte that pixel byte `byte` of the pixel at `word` must be.
  uint8_t& lane(int64_t word, int64_t byte) {
    const int64_t w = word + byte / g.lanes;
    REQUIRE(w < g.ub_words);
    return want_ub[static_cast<size_t>(w * g.word_bytes + byte % g.lanes)];
  }

  /// A random instruction; its effect is added to what is wanted.
  std::vector<uint32_t> next() {
    switch (b.pick(0, 5)) {
      case 0:
        return bench::instruction_words(isa::SyncLda{});
      case 1:
        return param();
      case 2:
      case 3:
        return window();
      default:
        return load();
    }
  }

  std::vector<uint32_t> load() {
    isa::Load x;
    x.count0 = u16(1, 2), x.count1 = u16(1, 2), x.count2 = u16(1, 2);
    x.pixels = u16(1, 5), x.pixel_bytes = u16(1, 3 * g.lanes + 1);
    x.dram_addr = u32(0, 30000);
    x.dram_stride0 = u32(0, 9000), x.dram_stride1 = u32(0, 900), x.dram_stride2 = u32(0, 90);
    x.ub_pixel_stride = u16(0, 6);
    x.ub_stride0 = u32(0, 100), x.ub_stride1 = u32(0, 60), x.ub_stride2 = u32(0, 40);
    x.ub_addr = u32(0, 80);
    for (uint32_t i = 0; i < x.count0; ++i)
      for (uint32_t j = 0; j < x.count1; ++j)
        for (uint32_t k = 0; k < x.count2; ++k) {
          const auto from =
              x.dram_addr + i * x.dram_stride0 + j * x.dram_stride1 + k * x.dram_stride2;
          const auto to = x.ub_addr + i * x.ub_stride0 + j * x.ub_stride1 + k * x.ub_stride2;
          for (uint32_t p = 0; p < x.pixels; ++p)
            for (uint32_t byte = 0; byte < x.pixel_bytes; ++byte)
              lane(to + p * x.ub_pixel_stride, byte) = memory[from + p * x.pixel_bytes + byte];
          want_bytes += x.pixels * x.pixel_bytes;
        }
    return bench::instruction_words(x);
  }

  std::vector<uint32_t> window() {
    isa::LoadWindow x;
    x.count0 = u16(1, 2), x.count1 = u16(1, 3);
    x.row_bytes = u16(1, 70), x.windows = u16(1, 9), x.size = u16(1, 2 * g.lanes + 1);
    x.step = u16(1, 9), x.pad_left = u16(0, 12);
    x.pad_byte = static_cast<int8_t>(b.pick(-128, 127));
    x.dram_addr = u32(0, 30000), x.dram_stride0 = u32(0, 900), x.dram_stride1 = u32(0, 90);
    x.ub_addr = u32(0, 60), x.ub_stride0 = u32(0, 60), x.ub_stride1 = u32(0, 30);
    x.count2 = static_cast<uint8_t>(b.pick(1, 3)), x.dram_stride2 = u32(0, 90);
    x.lane = static_cast<uint8_t>(b.pick(0, g.lanes - 1));
    x.lane_stride = static_cast<uint8_t>(b.pick(0, g.lanes - 1));
    x.ub_stride2 = u16(0, 3), x.window_words = u16(1, 6);
    for (uint32_t i = 0; i < x.count0; ++i)
      for (uint32_t j = 0; j < x.count1; ++j) {
        for (uint32_t l = 0; l < x.count2; ++l) {
          const auto from =
              x.dram_addr + i * x.dram_stride0 + j * x.dram_stride1 + l * x.dram_stride2;
          const auto to = x.ub_addr + i * x.ub_stride0 + j * x.ub_stride1 + l * x.ub_stride2;
          const int64_t first = x.lane + l * x.lane_stride;
          for (int k = 0; k < x.windows; ++k)
            for (int byte = 0; byte < x.size; ++byte) {
              const int at = k * x.step - x.pad_left + byte;
              lane(to + k * x.window_words, first + byte) =
                  0 <= at && at < x.row_bytes ? memory[from + static_cast<uint32_t>(at)]
                                              : static_cast<uint8_t>(x.pad_byte);
            }
          want_bytes += x.row_bytes;
        }
      }
    return bench::instruction_words(x);
  }

  std::vector<uint32_t> param() {
    isa::LoadParam x;
    x.target = b.pick(0, 1) != 0;
    const int64_t rows = x.target ? kTables : kParamRows;
    x.row = u16(0, rows - 1);
    x.count = u16(1, rows - x.row);
    x.dram_addr = u32(0, 30000);
    const auto row_bytes = static_cast<size_t>(x.target ? kTableBytes : g.pb_row_bytes);
    const size_t base = x.target ? static_cast<size_t>(kParamRows * g.pb_row_bytes) : 0;
    for (size_t byte = 0; byte < x.count * row_bytes; ++byte)
      want_params[base + x.row * row_bytes + byte] = memory[x.dram_addr + byte];
    want_bytes += x.count * row_bytes;
    return bench::instruction_words(x);
  }

  void collect() {
    if (b->ub_we_o) {
      const auto word = bench::peek<uint8_t>(b->ub_wdata_o, static_cast<size_t>(g.word_bytes));
      const auto enable =
          bench::peek<uint8_t>(b->ub_wbe_o, static_cast<size_t>(g.word_bytes + 7) / 8);
      for (size_t i = 0; i < word.size(); ++i)
        if (enable[i / 8] >> (i % 8) & 1)
          ub[b->ub_waddr_o * static_cast<size_t>(g.word_bytes) + i] = word[i];
    }
    if (b->param_we_o) {
      const auto width = static_cast<size_t>(g.pb_word_bytes);
      const auto word = bench::peek<uint8_t>(b->param_wdata_o, width);
      const size_t base = b->param_table_o ? static_cast<size_t>(kParamRows * g.pb_row_bytes) +
                                                 b->param_row_o * kTableBytes
                                           : b->param_row_o * static_cast<size_t>(g.pb_row_bytes);
      std::copy(word.begin(), word.end(),
                params_held.begin() + static_cast<std::ptrdiff_t>(base + b->param_word_o * width));
    }
  }

  bench::Bench<typename C::Dut> b;
  arch::Geometry g;
  std::vector<uint8_t> memory;
  bench::ReadPort<typename C::Dut, C::kAxiBytes, C::kBurstBeats> port;
  std::vector<uint8_t> ub, want_ub, params_held, want_params;
  uint64_t want_bytes = 0;
};

using Lanes16 = Config<Vsys_lda_ROWS16_COLS4_AXI_BITS256_BURST_BEATS2_OUTSTANDING8, 16, 4, 32, 2>;
using Lanes5 = Config<Vsys_lda_ROWS5_COLS3_AXI_BITS64_BURST_BEATS4_OUTSTANDING3, 5, 3, 8, 4>;
using Lanes1 = Config<Vsys_lda_ROWS1_COLS1_AXI_BITS32_BURST_BEATS1_OUTSTANDING1, 1, 1, 4, 1>;

TEMPLATE_TEST_CASE("loads of every kind write what their pseudo-code says, whatever stalls", "",
                   Lanes16, Lanes5, Lanes1) {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  LoadBench<TestType>(seed).run(80);
}

}  // namespace
}  // namespace systole
