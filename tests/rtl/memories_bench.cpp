// SPDX-License-Identifier: Apache-2.0
// Unified buffer, weight buffer and accumulators against plain arrays, with every client active at
// random.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <optional>

#include "Vmemories_ROWS16_COLS16_UB_BANKS4.h"
#include "Vmemories_ROWS1_COLS1_UB_BANKS1.h"
#include "Vmemories_ROWS5_COLS3_UB_BANKS2.h"
#include "model/arch/geometry.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

constexpr int kUbKib = 3, kTiles = 3, kAccRows = 6;

template <class D, int kRows, int kCols, int kBanks>
struct Config {
  using Dut = D;
  static isa::HwParams hw() {
    isa::HwParams p;
    p.rows = kRows, p.cols = kCols, p.ub_kib = kUbKib, p.ub_banks = kBanks;
    p.wb_tiles = kTiles, p.acc_rows = kAccRows;
    return p;
  }
};

template <class C>
struct MemoriesBench : bench::Bench<typename C::Dut> {
  explicit MemoriesBench(uint64_t seed) : bench::Bench<typename C::Dut>(seed), g(C::hw()) {
    auto& d = this->dut();
    d.mxu_req_i = d.vpu_req_i = d.sto_req_i = d.lda_we_i = d.vpu_we_i = 0;
    d.take_i = d.we_i = d.wlast_i = d.ren_i = d.release_i = 0;
    d.row_req_i = d.acc_req_i = 0;
  }
  arch::Geometry g;
};

}  // namespace

#define ALL_CONFIGS                                       \
  (Config<Vmemories_ROWS1_COLS1_UB_BANKS1, 1, 1, 1>),     \
      (Config<Vmemories_ROWS5_COLS3_UB_BANKS2, 5, 3, 2>), \
      (Config<Vmemories_ROWS16_COLS16_UB_BANKS4, 16, 16, 4>)

TEMPLATE_TEST_CASE("the unified buffer serves its clients in different banks at once", "",
                   ALL_CONFIGS) {
  MemoriesBench<TestType> b(1);
  auto& d = b.dut();
  const auto width = static_cast<size_t>(b.g.word_bytes);
  std::vector<std::vector<int8_t>> image(static_cast<size_t>(b.g.ub_words));
  const auto write = [&](auto& we, auto& waddr, auto& wdata, auto& wbe, int64_t addr, bool whole) {
    auto& word = image[static_cast<size_t>(addr)];
    const auto data = b.random_bytes(width);
    std::vector<uint8_t> enables((width + 7) / 8, 0);
    for (size_t i = 0; i < width; ++i)
      if (whole || b.pick(0, 1)) {
        enables[i / 8] = static_cast<uint8_t>(enables[i / 8] | 1u << (i % 8));
        word[i] = data[i];
      }
    we = 1;
    waddr = static_cast<std::remove_reference_t<decltype(waddr)>>(addr);
    bench::poke_values(wdata, data);
    bench::poke_values(wbe, enables);
  };
  for (int64_t addr = 0; addr < b.g.ub_words; ++addr) {
    image[static_cast<size_t>(addr)].resize(width);
    write(d.lda_we_i, d.lda_waddr_i, d.lda_wdata_i, d.lda_wbe_i, addr, true);
    b.tick();
  }
  d.lda_we_i = 0;
  for (int i = 0; i < 3000; ++i) {
    // Clients in random order; one reader and one writer of a bank. A read of a word being written
    // is the old one.
    std::vector<int64_t> read_banks, write_banks;
    std::array<std::optional<std::vector<int8_t>>, 3> expected;
    const auto pick_bank = [&](std::vector<int64_t>& taken) -> std::optional<int64_t> {
      const int64_t addr = b.pick(0, b.g.ub_words - 1), bank = addr / b.g.bank_words;
      if (b.pick(0, 3) == 0 || std::count(taken.begin(), taken.end(), bank)) return std::nullopt;
      taken.push_back(bank);
      return addr;
    };
    d.mxu_req_i = d.vpu_req_i = d.sto_req_i = d.lda_we_i = d.vpu_we_i = 0;
    const int first = static_cast<int>(b.pick(0, 2));
    for (int k = 0; k < 3; ++k) {
      const int client = (first + k) % 3;
      const auto addr = pick_bank(read_banks);
      if (!addr) continue;
      expected[static_cast<size_t>(client)] = image[static_cast<size_t>(*addr)];
      if (client == 0) d.mxu_req_i = 1, d.mxu_addr_i = static_cast<uint16_t>(*addr);
      if (client == 1) d.vpu_req_i = 1, d.vpu_addr_i = static_cast<uint16_t>(*addr);
      if (client == 2) d.sto_req_i = 1, d.sto_addr_i = static_cast<uint16_t>(*addr);
    }
    if (const auto addr = pick_bank(write_banks))
      write(d.lda_we_i, d.lda_waddr_i, d.lda_wdata_i, d.lda_wbe_i, *addr, false);
    if (const auto addr = pick_bank(write_banks))
      write(d.vpu_we_i, d.vpu_waddr_i, d.vpu_wdata_i, d.vpu_wbe_i, *addr, false);
    b.tick();
    if (expected[0]) REQUIRE(bench::peek<int8_t>(d.mxu_rdata_o, width) == *expected[0]);
    if (expected[1]) REQUIRE(bench::peek<int8_t>(d.vpu_rdata_o, width) == *expected[1]);
    if (expected[2]) REQUIRE(bench::peek<int8_t>(d.sto_rdata_o, width) == *expected[2]);
  }
}

TEMPLATE_TEST_CASE("the weight buffer keeps tiles, credits and the ready count", "", ALL_CONFIGS) {
  MemoriesBench<TestType> b(2);
  auto& d = b.dut();
  const auto cols = static_cast<size_t>(b.g.cols);
  std::deque<std::vector<std::vector<int8_t>>> ring;  // ready tiles, oldest first
  std::vector<std::vector<int8_t>> filling;
  int credits = kTiles;
  bool taken = false;
  for (int i = 0; i < 5000; ++i) {
    // Registered state: what happened in the cycle before is visible now.
    b.settle();
    REQUIRE(d.ready_o == ring.size());
    REQUIRE(bool{d.credit_o != 0} == (credits > 0));
    d.take_i = d.we_i = d.wlast_i = d.ren_i = d.release_i = 0;
    std::optional<std::vector<int8_t>> expected;
    if (!ring.empty() && b.pick(0, 1)) {
      const auto slot = b.pick(0, static_cast<int64_t>(ring.size()) - 1),
                 row = b.pick(0, b.g.rows - 1);
      d.ren_i = 1, d.slot_i = static_cast<uint8_t>(slot), d.row_i = static_cast<uint8_t>(row);
      expected = ring[static_cast<size_t>(slot)][static_cast<size_t>(row)];
    }
    const bool release = !ring.empty() && b.pick(0, 9) == 0;
    d.release_i = release;
    bool complete = false;
    if (!taken && credits > 0 && b.pick(0, 1)) {
      d.take_i = 1;
      taken = true;
      --credits;
    } else if (taken && b.pick(0, 3) != 0) {
      filling.push_back(b.random_bytes(cols));
      d.we_i = 1, d.wrow_i = static_cast<uint8_t>(filling.size() - 1);
      bench::poke_values(d.wdata_i, filling.back());
      complete = filling.size() == static_cast<size_t>(b.g.rows);
      d.wlast_i = complete;
    }
    b.tick();
    if (expected) REQUIRE(bench::peek<int8_t>(d.rdata_o, cols) == *expected);
    if (release) {
      ring.pop_front();
      ++credits;
    }
    if (complete) {
      ring.push_back(filling);
      filling.clear();
      taken = false;
    }
  }
}

TEMPLATE_TEST_CASE("the accumulators forward a row that is being written", "", ALL_CONFIGS) {
  MemoriesBench<TestType> b(3);
  auto& d = b.dut();
  const auto cols = static_cast<size_t>(b.g.cols);
  std::vector<std::vector<int32_t>> acc(kAccRows, std::vector<int32_t>(cols, 0));
  std::optional<int64_t> pending;  // the row whose sums arrive in this cycle
  bool overwrite = false;
  for (int i = 0; i < 6000; ++i) {
    // The first rows overwrite; then few rows and many repeats: the same row in consecutive cycles.
    const bool request = i < kAccRows || b.pick(0, 3) != 0;
    const int64_t row = i < kAccRows   ? i
                        : b.pick(0, 2) ? b.pick(0, kAccRows - 1)
                                       : pending.value_or(0);
    const bool next_overwrite = i < kAccRows || b.pick(0, 5) == 0;
    d.row_req_i = request, d.row_addr_i = static_cast<uint8_t>(row),
    d.row_overwrite_i = next_overwrite;
    std::vector<int32_t> sums(cols);
    for (auto& s : sums) s = static_cast<int32_t>(b.random());
    bench::poke_values(d.sum_i, sums);
    // The vector unit reads the other bank; nothing of it is being written.
    d.acc_req_i = 0;
    std::optional<std::vector<int32_t>> expected;
    if (i > kAccRows + 1) {
      const int64_t other = (row < kAccRows / 2 ? kAccRows / 2 : 0) + b.pick(0, kAccRows / 2 - 1);
      if (other != pending.value_or(-1)) {
        d.acc_req_i = 1, d.acc_addr_i = static_cast<uint8_t>(other);
        expected = acc[static_cast<size_t>(other)];
      }
    }
    b.tick();
    if (expected) REQUIRE(bench::peek<int32_t>(d.acc_rdata_o, cols) == *expected);
    if (pending)
      for (size_t c = 0; c < cols; ++c) {
        int32_t& cell = acc[static_cast<size_t>(*pending)][c];
        cell = static_cast<int32_t>(static_cast<uint32_t>(sums[c]) +
                                    (overwrite ? 0u : static_cast<uint32_t>(cell)));
      }
    pending = request ? std::optional<int64_t>(row) : std::nullopt;
    overwrite = next_overwrite;
  }
}

}  // namespace systole
