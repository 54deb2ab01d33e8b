// SPDX-License-Identifier: Apache-2.0
// The CSRs behind AXI4-Lite: values, responses, the START write, under random delays everywhere.
#include <catch2/catch.hpp>

#include "Vsys_csr_ROWS5_COLS3.h"
#include "model/isa/counter_ids.h"
#include "model/isa/isa.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

constexpr int kOkay = 0, kSlvErr = 2;
constexpr uint32_t addr(isa::Csr csr) { return static_cast<uint32_t>(csr); }

class CsrBench {
 public:
  explicit CsrBench(uint64_t seed) : b(seed) {
    b->s_awvalid_i = b->s_wvalid_i = b->s_bready_i = b->s_arvalid_i = b->s_rready_i = 0;
    b->bus_idle_i = 1;
    b->running_i = b->finished_i = b->fault_code_i = 0;
    b->fault_pc_i = 0;
    b->counter_i = 0;
  }

  void tick() {
    b.settle();
    if (b->start_o) {
      starts.push_back(b.cycle);
      CHECK(b->s_awready_o);
      CHECK(b->s_wready_o);
    }
    b.tick();
  }

  /// A write whose address and data come in any order; returns the response.
  int write(uint32_t address, uint32_t data, unsigned strobes = 15) {
    int aw_delay = static_cast<int>(b.pick(0, 3)), w_delay = static_cast<int>(b.pick(0, 3));
    bool accepted = false;
    while (!accepted) {
      b->s_awvalid_i = aw_delay-- <= 0;
      b->s_wvalid_i = w_delay-- <= 0;
      b->s_awaddr_i = address, b->s_wdata_i = data, b->s_wstrb_i = strobes;
      b->s_bready_i = 0;
      b.settle();
      accepted = b->s_awready_o != 0;
      CHECK(b->s_wready_o == b->s_awready_o);
      tick();
    }
    b->s_awvalid_i = b->s_wvalid_i = 0;
    for (auto wait = b.pick(0, 3); wait > 0; --wait) {
      b.settle();
      CHECK(b->s_bvalid_o);
      tick();
    }
    b->s_bready_i = 1;
    b.settle();
    REQUIRE(b->s_bvalid_o);
    const int response = b->s_bresp_o;
    tick();
    b->s_bready_i = 0;
    b.settle();
    CHECK_FALSE(b->s_bvalid_o);
    return response;
  }

  uint32_t read(uint32_t address, int response = kOkay) {
    b->s_arvalid_i = 1, b->s_araddr_i = address, b->s_rready_i = 0;
    b.settle();
    REQUIRE(b->s_arready_o);
    tick();
    b->s_arvalid_i = 0;
    for (auto wait = b.pick(0, 3); wait > 0; --wait) tick();
    b->s_rready_i = 1;
    b.settle();
    REQUIRE(b->s_rvalid_o);
    CHECK(b->s_rresp_o == response);
    const uint32_t data = b->s_rdata_o;
    tick();
    return data;
  }

  bench::Bench<Vsys_csr_ROWS5_COLS3> b;
  std::vector<uint64_t> starts;
};

TEST_CASE("the CSRs tell what the core is and in which state") {
  CsrBench t(1);
  CHECK(t.read(addr(isa::Csr::kId)) == 0x53595331);
  CHECK(t.read(addr(isa::Csr::kIsaVersion)) == isa::kVersion);
  CHECK(t.read(addr(isa::Csr::kArray)) == (3u << 16 | 5u));
  CHECK(t.read(addr(isa::Csr::kStatus)) == 0);
  t.b->running_i = 1;
  CHECK(t.read(addr(isa::Csr::kStatus)) == 1);
  t.b->running_i = 0;
  t.b->finished_i = 1;
  t.b->fault_code_i = static_cast<int>(isa::Fault::kBusRead);
  t.b->fault_pc_i = 0x12345;
  CHECK(t.read(addr(isa::Csr::kStatus)) == 6);
  CHECK(t.read(addr(isa::Csr::kFaultCode)) == 8);
  CHECK(t.read(addr(isa::Csr::kFaultPc)) == 0x12345);
}

TEST_CASE("program base and length are written by byte and hold while the core runs") {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  CsrBench t(seed);
  CHECK(t.write(addr(isa::Csr::kProgramBase), 0x12345678) == kOkay);
  CHECK(t.read(addr(isa::Csr::kProgramBase)) == 0x12345640);  // a multiple of 64
  CHECK(t.b->program_base_o == 0x12345640 / 64);
  CHECK(t.write(addr(isa::Csr::kProgramLength), 0xaabbccdd) == kOkay);
  CHECK(t.write(addr(isa::Csr::kProgramLength), 0x11223344, 0b0101) == kOkay);
  CHECK(t.read(addr(isa::Csr::kProgramLength)) == 0xaa22cc44);
  t.b->running_i = 1;
  CHECK(t.write(addr(isa::Csr::kProgramLength), 7) == kOkay);
  CHECK(t.read(addr(isa::Csr::kProgramLength)) == 0xaa22cc44);
}

TEST_CASE("START pulses once, in the cycle its write is accepted, and not while running") {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  CsrBench t(seed);
  CHECK(t.write(addr(isa::Csr::kControl), 1) == kOkay);
  CHECK(t.starts.size() == 1);
  t.b->running_i = 1;
  CHECK(t.write(addr(isa::Csr::kControl), 1) == kOkay);
  CHECK(t.starts.size() == 1);
  t.b->running_i = 0;
  CHECK(t.write(addr(isa::Csr::kControl), 2) == kOkay);      // bit 0 is not set
  CHECK(t.write(addr(isa::Csr::kControl), 1, 14) == kOkay);  // its byte is not written
  CHECK(t.starts.size() == 1);
}

TEST_CASE("START waits until the bursts of a stopped run have left the bus") {
  CsrBench t(1);
  t.b->bus_idle_i = 0;
  t.b->s_awvalid_i = t.b->s_wvalid_i = 1;
  t.b->s_awaddr_i = addr(isa::Csr::kControl), t.b->s_wdata_i = 1, t.b->s_wstrb_i = 15;
  for (int i = 0; i < 20; ++i) {
    t.b.settle();
    CHECK_FALSE(t.b->s_awready_o);
    t.tick();
  }
  t.b->bus_idle_i = 1;
  t.tick();
  t.b.settle();
  CHECK(t.b->s_awready_o);
  CHECK(t.b->start_o);
}

TEST_CASE("addresses of no register and writes of read-only ones answer with an error") {
  CsrBench t(1);
  CHECK(t.write(addr(isa::Csr::kId), 1) == kSlvErr);
  CHECK(t.write(addr(isa::Csr::kCounter), 1) == kSlvErr);
  CHECK(t.write(0x0fc, 1) == kSlvErr);
  t.read(0x0fc, kSlvErr);
  t.read(addr(isa::Csr::kCounter) + 8 * isa::kCounters, kSlvErr);
}

TEST_CASE("a counter is read as two words") {
  CsrBench t(1);
  for (const int index : {0, 1, 57, isa::kCounters - 1}) {
    t.b->s_arvalid_i = 1, t.b->s_araddr_i = addr(isa::Csr::kCounter) + 8 * index;
    t.b.settle();
    CHECK(t.b->counter_read_o);
    CHECK(t.b->counter_index_o == index);
    t.b->s_arvalid_i = 0;
    t.b->counter_i = 0x123456789abcdef0;
    CHECK(t.read(addr(isa::Csr::kCounter) + 8 * index) == 0x9abcdef0);
    CHECK(t.read(addr(isa::Csr::kCounter) + 8 * index + 4) == 0x12345678);
  }
}

}  // namespace
}  // namespace systole
