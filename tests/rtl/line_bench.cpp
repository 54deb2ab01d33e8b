// SPDX-License-Identifier: Apache-2.0
// The line buffer of load_window: every lane of every window, and the cycles of docs/timing.md.
#include <catch2/catch.hpp>

#include "Vsys_line_LANES16_WORD_BYTES16.h"
#include "Vsys_line_LANES1_WORD_BYTES1.h"
#include "Vsys_line_LANES5_WORD_BYTES8.h"
#include "model/arch/geometry.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

template <class Dut>
void check_windows(int lanes, int word_bytes) {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  bench::Bench<Dut> b(seed);
  b->block_we_i = b->row_done_i = 0;
  for (int round = 0; round < 60; ++round) {
    const int row_bytes = static_cast<int>(b.pick(0, 9) == 0 ? 4096 : b.pick(1, 8 * word_bytes));
    const auto row = b.random_bytes(row_bytes);
    const int size = static_cast<int>(b.pick(1, 3 * lanes)),
              windows = static_cast<int>(b.pick(1, 9));
    const int step = static_cast<int>(b.pick(0, 4) == 0 ? b.pick(1, 65535) : b.pick(1, 2 * lanes));
    const int pad_left = static_cast<int>(b.pick(0, 4) == 0 ? b.pick(0, 65535) : b.pick(0, 9));
    const auto pad = static_cast<int8_t>(b.pick(-128, 127));
    const int dst = static_cast<int>(b.pick(0, 1000)),
              window_words = static_cast<int>(b.pick(1, 5));
    const int lane = static_cast<int>(b.pick(0, 1) == 0 ? 0 : b.pick(0, lanes - 1));
    CAPTURE(row_bytes, size, windows, step, pad_left, dst, window_words, lane);

    // Blocks are written in the cycle after their fill step: the last one in x+1.
    const int blocks = static_cast<int>(ceil_div(row_bytes, word_bytes));
    for (int k = 0; k <= blocks; ++k) {
      b->block_we_i = k > 0;
      if (k > 0) {
        std::vector<uint8_t> block(word_bytes);
        for (int i = 0; i < word_bytes && (k - 1) * word_bytes + i < row_bytes; ++i)
          block[i] = static_cast<uint8_t>(row[(k - 1) * word_bytes + i]);
        bench::poke(b->block_i, block);
        b->block_idx_i = k - 1;
      }
      if (k == blocks - 1) {  // cycle x
        b->row_done_i = 1;
        b->row_bytes_i = row_bytes, b->windows_i = windows, b->size_i = size, b->step_i = step;
        b->pad_left_i = pad_left, b->pad_byte_i = static_cast<uint8_t>(pad), b->dst_i = dst;
        b->lane_i = lane, b->window_words_i = window_words;
      } else {
        b->row_done_i = 0;
      }
      b.settle();
      CHECK_FALSE(b->emit_o);
      CHECK(b->busy_o == (k == blocks));
      b.tick();
    }
    b->block_we_i = b->row_done_i = 0;

    // Emission in x+2 .. x+1+N, each word on the write port in the cycle after.
    const int end = lane + size, words = static_cast<int>(ceil_div(end, lanes));
    const int total = windows * words;
    for (int n = 0; n <= total; ++n) {
      b.settle();
      CHECK(b->emit_o == (n < total));
      CHECK(b->busy_o == (n < total));
      CHECK(b->last_o == (n == total - 1));
      CHECK(b->word_valid_o == (n > 0));
      if (n > 0) {
        const int k = (n - 1) / words, part = (n - 1) % words;
        const int first = part == 0 ? lane : 0, bytes = std::min(lanes, end - part * lanes);
        REQUIRE(b->word_dst_o == static_cast<uint32_t>(dst + k * window_words + part));
        REQUIRE(b->word_first_o == first);
        REQUIRE(b->word_bytes_o == bytes);
        const auto word = bench::peek<int8_t>(b->word_o, word_bytes);
        for (int i = first; i < bytes; ++i) {
          const int64_t x = int64_t{k} * step - pad_left - lane + part * lanes + i;
          REQUIRE(word[i] == (x >= 0 && x < row_bytes ? row[x] : pad));
        }
      }
      b.tick();
    }
    CHECK_FALSE(b->word_valid_o);
  }
}

TEST_CASE("the line buffer emits windows of 16-lane words") {
  check_windows<Vsys_line_LANES16_WORD_BYTES16>(16, 16);
}
TEST_CASE("the line buffer emits windows of 5 lanes in 8-byte words") {
  check_windows<Vsys_line_LANES5_WORD_BYTES8>(5, 8);
}
TEST_CASE("the line buffer emits windows of single-lane words") {
  check_windows<Vsys_line_LANES1_WORD_BYTES1>(1, 1);
}

}  // namespace
}  // namespace systole
