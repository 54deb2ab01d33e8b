// SPDX-License-Identifier: Apache-2.0
// Loop, address, window, skew, delay and retire cells against what they replace: loops, products,
// queues.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "Vcells.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

struct CellsBench : bench::Bench<Vcells> {
  explicit CellsBench(uint64_t seed) : Bench(seed) {
    auto& d = dut();
    d.load_i = d.step_i = d.en_i = d.push_i = d.written_i = 0;
  }
};

TEST_CASE("addresses and windows follow three loops without multiplying") {
  CellsBench b(1);
  auto& d = b.dut();
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const auto n = b.pick(1, 3), rows = b.pick(1, 4), cols = b.pick(1, 5);
    const auto base = b.pick(0, 4095), s0 = b.pick(0, 4095), s1 = b.pick(0, 4095),
               s2 = b.pick(0, 4095);
    const auto row0 = b.pick(-4, 3), col0 = b.pick(-4, 3), row_step = b.pick(1, 255),
               col_step = b.pick(1, 4);
    const auto height = b.pick(1, 300), width = b.pick(1, 8);
    d.count0_i = static_cast<uint16_t>(n), d.count1_i = static_cast<uint16_t>(rows),
    d.count2_i = static_cast<uint16_t>(cols);
    d.base_i = static_cast<uint16_t>(base), d.stride0_i = static_cast<uint16_t>(s0);
    d.stride1_i = static_cast<uint16_t>(s1), d.stride2_i = static_cast<uint16_t>(s2);
    d.row_i = static_cast<uint32_t>(row0) & 0x3ffffff,
    d.col_i = static_cast<uint32_t>(col0) & 0x3ffffff;
    d.row_step_i = static_cast<uint8_t>(row_step), d.col_step_i = static_cast<uint8_t>(col_step);
    d.height_i = static_cast<uint16_t>(height), d.width_i = static_cast<uint16_t>(width);
    d.load_i = 1;
    b.tick();
    d.load_i = 0;
    for (int64_t k = 0; k < n * rows * cols; ++k) {
      const int64_t b0 = k / cols / rows, i = k / cols % rows, j = k % cols;
      while (b.pick(0, 3) == 0) b.tick();  // it waits while not stepped
      d.step_i = 1;
      b.settle();
      const int64_t row = row0 + i * row_step, col = col0 + j * col_step;
      REQUIRE(d.addr_o == ((base + b0 * s0 + i * s1 + j * s2) & 4095));
      REQUIRE(bool{d.in_range_o != 0} == (0 <= row && row < height && 0 <= col && col < width));
      REQUIRE(bool{d.last_o != 0} == (k == n * rows * cols - 1));
      const uint32_t next = d.next_o;
      b.tick();
      d.step_i = 0;
      REQUIRE(d.addr_o == next);
    }
  }
}

TEST_CASE("skew delays lane i by i cycles, deskew undoes it, and only enabled cycles count") {
  CellsBench b(2);
  auto& d = b.dut();
  std::deque<uint32_t> past;  // past[k]: the input k + 1 enabled cycles ago
  for (int i = 0; i < 2000; ++i) {
    const auto data = static_cast<uint32_t>(b.pick(0, 0xffffff));
    d.data_i = data;
    d.en_i = b.pick(0, 3) != 0;
    b.settle();
    if (past.size() >= 5) {
      REQUIRE(d.skew_o == ((data & 0xff) | (past[0] & 0xff00) | (past[1] & 0xff0000)));
      REQUIRE(d.deskew_o == ((past[1] & 0xff) | (past[0] & 0xff00) | (data & 0xff0000)));
      REQUIRE(d.delay1_o == past[0]);
      REQUIRE(d.delay5_o == past[4]);
    }
    if (d.en_i) past.push_front(data);
    b.tick();
  }
}

TEST_CASE("ends come in order: a sync after its start and after the end before it") {
  CellsBench b(3);
  auto& d = b.dut();
  struct Item {
    bool sync;
    uint64_t start;
  };
  std::deque<Item> flight;
  uint64_t previous_end = 0;
  int ends = 0;
  for (int i = 0; i < 5000; ++i) {
    d.push_i = flight.size() < 4 && b.pick(0, 2) == 0;
    d.sync_i = static_cast<uint8_t>(b.pick(0, 1));
    // A matmul's last row is written some cycles after its start, and after the end before it.
    const bool matmul = !flight.empty() && !flight.front().sync;
    d.written_i = matmul && b.pick(0, 3) == 0;
    b.settle();
    bool expected = d.written_i;
    if (!flight.empty() && flight.front().sync)
      expected = b.cycle == std::max(flight.front().start + 1, previous_end + 1);
    REQUIRE(bool{d.end_o != 0} == expected);
    if (d.end_o) {
      flight.pop_front();
      previous_end = b.cycle;
      ++ends;
    }
    if (d.push_i) flight.push_back({d.sync_i != 0, b.cycle});
    b.tick();
  }
  REQUIRE(ends > 500);
}

}  // namespace
}  // namespace systole
