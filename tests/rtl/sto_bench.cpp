// SPDX-License-Identifier: Apache-2.0
// The store DMA: random stores under random stalls of the bus against their pseudo-code, and bus
// errors.
#include <catch2/catch.hpp>
#include <deque>

#include "Vsys_sto_ROWS16_COLS4_AXI_BITS256_BURST_BEATS2_OUTSTANDING8.h"
#include "Vsys_sto_ROWS1_COLS1_AXI_BITS32_BURST_BEATS1_OUTSTANDING1.h"
#include "Vsys_sto_ROWS5_COLS3_AXI_BITS64_BURST_BEATS4_OUTSTANDING3.h"
#include "model/arch/geometry.h"
#include "tests/rtl/read_port.h"

namespace systole {
namespace {

template <class D, int kR, int kC, int kBytes, int kBeats>
struct Config {
  using Dut = D;
  static constexpr int kRows = kR, kCols = kC, kAxiBytes = kBytes, kBurstBeats = kBeats;
};

constexpr int kUbKib = 8;

template <class C>
class StoreBench {
 public:
  explicit StoreBench(uint64_t seed) : b(seed), g(params()), memory(64 * 1024), want(memory) {
    ub.resize(static_cast<size_t>(g.ub_words * g.word_bytes));
    for (auto& byte : ub) byte = static_cast<uint8_t>(b.random());
    b->start_i = b->m_awready_i = b->m_wready_i = b->m_bvalid_i = 0;
    b->m_bresp_i = 0;
  }

  /// Runs random stores; `error_at` is the number of the burst that is answered by an error, or -1.
  void run(int instructions, int error_at = -1) {
    int started = 0, ended = 0, answered = 0;
    bool issuing = false;
    while (ended < instructions) {
      REQUIRE(b.cycle < 400000);
      b->start_i = !issuing && started < instructions && started - ended < 4 && b.pick(0, 2) == 0;
      if (b->start_i) {
        bench::poke_values(b->instr_i, next());
        b->pc_i = static_cast<uint32_t>(started++);
        issuing = true;
      }
      b->m_awready_i = b.pick(0, 1);
      b->m_wready_i = b.pick(0, 2) != 0;
      b->m_bvalid_i = responses > 0 && (b->m_bvalid_i || b.pick(0, 2) == 0);
      b->m_bresp_i = answered == error_at ? 2 : 0;
      b.settle();

      // A word of the unified buffer comes a cycle after its request.
      const bool read = b->ub_req_o;
      const size_t word = b->ub_addr_o;
      handshakes();
      if (b->m_bvalid_i && b->m_bready_o) {
        if (answered == error_at) {
          CHECK(b->error_o);
          error_pc = b->error_pc_o;
        }
        ++answered, --responses;
        b_taken = true;
      }
      CHECK((!b->error_o || answered == error_at + 1));
      if (b->front_done_o) issuing = false;
      if (b->end_o) ++ended;
      b.tick();
      if (b_taken) b->m_bvalid_i = 0, b_taken = false;
      if (read)
        bench::poke(b->ub_rdata_i, std::span(ub).subspan(word * static_cast<size_t>(g.word_bytes),
                                                         static_cast<size_t>(g.word_bytes)));
    }
    CHECK(memory == want);
    CHECK(bytes_entered == want_bytes);
    CHECK(responses == 0);
  }

  /// Which instruction the burst with number `n` belongs to.
  uint32_t owner(size_t n) const { return owners.at(n); }
  uint32_t error_pc = ~0u;

 private:
  static isa::HwParams params() {
    isa::HwParams p;
    p.rows = C::kRows, p.cols = C::kCols, p.ub_kib = kUbKib, p.ub_banks = 1;
    return p;
  }
  uint32_t u32(int64_t lo, int64_t hi) { return static_cast<uint32_t>(b.pick(lo, hi)); }
  uint16_t u16(int64_t lo, int64_t hi) { return static_cast<uint16_t>(b.pick(lo, hi)); }

  /// A random instruction; its effect is added to what is wanted. Stores do not overlap: each has
  /// its own 3,000 bytes.
  std::vector<uint32_t> next() {
    const uint32_t number = numbered++;
    if (b.pick(0, 4) == 0) return bench::instruction_words(isa::SyncSto{});
    isa::Store x;
    x.pixels = u16(1, 5), x.pixel_bytes = u16(1, 3 * g.lanes + 1);
    const auto run_bytes = static_cast<uint32_t>(x.pixels * x.pixel_bytes);
    x.count0 = u16(1, 2), x.count1 = u16(1, 2), x.count2 = u16(1, 2);
    x.dram_stride2 = run_bytes + u32(0, 20), x.dram_stride1 = 2 * x.dram_stride2 + u32(0, 20),
    x.dram_stride0 = 2 * x.dram_stride1 + u32(0, 20);
    x.dram_addr = 3000 * (number % 20) + u32(0, 200);
    x.ub_pixel_stride = u16(0, 6);
    x.ub_stride0 = u32(0, 100), x.ub_stride1 = u32(0, 60), x.ub_stride2 = u32(0, 40);
    x.ub_addr = u32(0, 80);
    const uint32_t burst = C::kAxiBytes * C::kBurstBeats;
    for (uint32_t i = 0; i < x.count0; ++i)
      for (uint32_t j = 0; j < x.count1; ++j)
        for (uint32_t k = 0; k < x.count2; ++k) {
          const auto to =
              x.dram_addr + i * x.dram_stride0 + j * x.dram_stride1 + k * x.dram_stride2;
          const auto from = x.ub_addr + i * x.ub_stride0 + j * x.ub_stride1 + k * x.ub_stride2;
          for (uint32_t p = 0; p < x.pixels; ++p)
            for (uint32_t byte = 0; byte < x.pixel_bytes; ++byte)
              want[to + p * x.pixel_bytes + byte] =
                  ub[(from + p * x.ub_pixel_stride + byte / static_cast<uint32_t>(g.lanes)) *
                         static_cast<size_t>(g.word_bytes) +
                     byte % static_cast<uint32_t>(g.lanes)];
          want_bytes += run_bytes;
          const uint32_t bursts = (to + run_bytes - 1) / burst - to / burst + 1;
          owners.insert(owners.end(), bursts, number);
        }
    return bench::instruction_words(x);
  }

  /// The write channels; data may come before its address, as AXI4 allows.
  void handshakes() {
    if (b->aw_enter_o) bytes_entered += b->aw_bytes_o;
    if (b->m_awvalid_o && b->m_awready_i) {
      CHECK(b->m_awburst_o == 1);
      addresses.push_back({b->m_awaddr_o, b->m_awlen_o});
    }
    if (b->m_wvalid_o && b->m_wready_i)
      beats.push_back({bench::peek<uint8_t>(b->m_wdata_o, C::kAxiBytes),
                       bench::peek<uint8_t>(b->m_wstrb_o, (C::kAxiBytes + 7) / 8),
                       b->m_wlast_o != 0});
    while (!addresses.empty() && !beats.empty()) {
      const auto [addr, len] = addresses.front();
      const Beat& x = beats.front();
      const size_t at =
          addr / C::kAxiBytes * C::kAxiBytes + static_cast<size_t>(beat) * C::kAxiBytes;
      for (size_t i = 0; i < x.data.size(); ++i)
        if (x.strobe[i / 8] >> (i % 8) & 1) memory[at + i] = x.data[i];
      CHECK(x.last == (beat == len));
      beats.pop_front();
      if (beat++ == len) addresses.pop_front(), beat = 0, ++responses;
    }
  }

  struct Burst {
    uint32_t addr;
    int len;
  };
  struct Beat {
    std::vector<uint8_t> data, strobe;
    bool last;
  };
  bench::Bench<typename C::Dut> b;
  arch::Geometry g;
  std::vector<uint8_t> memory, want, ub;
  std::deque<Beat> beats;
  std::deque<Burst> addresses;
  std::vector<uint32_t> owners;
  int beat = 0, responses = 0;
  bool b_taken = false;
  uint32_t numbered = 0;
  uint64_t bytes_entered = 0, want_bytes = 0;
};

using Lanes16 = Config<Vsys_sto_ROWS16_COLS4_AXI_BITS256_BURST_BEATS2_OUTSTANDING8, 16, 4, 32, 2>;
using Lanes5 = Config<Vsys_sto_ROWS5_COLS3_AXI_BITS64_BURST_BEATS4_OUTSTANDING3, 5, 3, 8, 4>;
using Lanes1 = Config<Vsys_sto_ROWS1_COLS1_AXI_BITS32_BURST_BEATS1_OUTSTANDING1, 1, 1, 4, 1>;

TEMPLATE_TEST_CASE("stores write what their pseudo-code says and end after their last response", "",
                   Lanes16, Lanes5, Lanes1) {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  StoreBench<TestType>(seed).run(20);
}

TEMPLATE_TEST_CASE("a write error names the instruction of its burst", "", Lanes16, Lanes5,
                   Lanes1) {
  StoreBench<TestType> s(4);
  s.run(20, 9);
  CHECK(s.error_pc == s.owner(9));
}

}  // namespace
}  // namespace systole
