// SPDX-License-Identifier: Apache-2.0
// Drives a verilated core through its CSRs with a small AXI memory of fixed or random timing.
#pragma once

#include <array>
#include <deque>
#include <stdexcept>

#include "model/core/events.h"
#include "model/isa/counter_ids.h"
#include "tests/rtl/bench.h"

namespace systole::bench {

/// Answers of the memory: acceptance, first beat and spacing, or all of them random.
struct MemoryTiming {
  uint64_t accept_delay = 0;  ///< from the first cycle on the bus to acceptance
  uint64_t latency = 10;      ///< from acceptance to the first beat
  bool random = false;        ///< draw both, and stretch the beats
};

template <class Dut>
class CoreDriver {
 public:
  static constexpr int kBytes = sizeof(Dut::m_rdata_i);

  explicit CoreDriver(uint64_t seed) : b_(seed), memory(64 * 1024) {
    b_->hold_i = 0;
    b_->s_awvalid_i = b_->s_wvalid_i = b_->s_bready_i = b_->s_arvalid_i = b_->s_rready_i = 0;
    for (auto& byte : memory) byte = static_cast<uint8_t>(b_.pick(0, 255));
  }

  // ---- The host's view ------------------------------------------------------------------------
  void write_csr(isa::Csr csr, uint32_t value) {
    b_->s_awvalid_i = b_->s_wvalid_i = b_->s_bready_i = 1;
    b_->s_awaddr_i = static_cast<uint32_t>(csr);
    b_->s_wdata_i = value;
    b_->s_wstrb_i = 15;
    for (settle(); !b_->s_awready_o; settle()) tick();
    tick();
    b_->s_awvalid_i = b_->s_wvalid_i = 0;
  }
  uint32_t read_csr(uint32_t address) {
    b_->s_arvalid_i = b_->s_rready_i = 1;
    b_->s_araddr_i = address;
    settle();
    tick();
    b_->s_arvalid_i = 0;
    settle();
    const uint32_t value = b_->s_rdata_o;
    tick();
    return value;
  }
  uint64_t counter(isa::Counter c) { return counter(static_cast<int>(c)); }
  uint64_t counter(isa::Unit u, isa::Cause c) { return counter(isa::cause_counter(u, c)); }
  uint64_t counter(int index) {
    const uint32_t at =
        static_cast<uint32_t>(isa::Csr::kCounter) + 8 * static_cast<uint32_t>(index);
    return read_csr(at) | uint64_t{read_csr(at + 4)} << 32;
  }

  /// Runs `code` from `base`; false if it does not end within `limit` cycles. `retired` and `dram`
  /// are of this run.
  bool run(const std::vector<isa::Words>& code, uint32_t base = 0x8000, uint64_t limit = 20000) {
    std::memcpy(memory.data() + base, code.data(), code.size() * sizeof(isa::Words));
    retired.clear();
    dram.clear();
    write_csr(isa::Csr::kProgramBase, base);
    write_csr(isa::Csr::kProgramLength, static_cast<uint32_t>(code.size()));
    write_csr(isa::Csr::kControl, 1);
    for (settle(); b_->running_o; settle()) {
      observe();
      if (b_->cycle_o > limit) return false;
      tick();
    }
    cycles = b_->cycle_o;
    fault = isa::Fault(read_csr(static_cast<uint32_t>(isa::Csr::kFaultCode)));
    fault_pc = read_csr(static_cast<uint32_t>(isa::Csr::kFaultPc));
    return true;
  }

  Dut& dut() { return b_.dut(); }

 private:
  Bench<Dut> b_;

 public:
  std::vector<uint8_t> memory;  ///< addresses beyond answer with an error
  MemoryTiming timing;
  std::vector<core::RetireEvent> retired;
  std::vector<core::DramEvent> dram;
  uint64_t cycles = 0;
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;

 private:
  /// A burst that the memory has been asked for.
  struct Burst {
    uint32_t addr;
    uint64_t beats, accept, first, last;
    bool error;
    uint64_t done = 0;
    bool due(uint64_t now) const {
      return done < beats && now == first + (beats == 1 ? 0 : done * (last - first) / (beats - 1));
    }
  };

  Burst ask(uint32_t addr, uint64_t beats, uint64_t& previous_last) {
    const auto draw = [&](int64_t hi) {
      return static_cast<uint64_t>(b_.pick(0, 1) * b_.pick(0, hi));
    };
    Burst burst{addr, beats, 0, 0, 0, addr + beats * kBytes > memory.size()};
    burst.accept = b_.cycle + (timing.random ? draw(4) : timing.accept_delay);
    const uint64_t latency = timing.random ? 1 + draw(40) : timing.latency;
    burst.first = std::max(burst.accept + latency, previous_last + 1);
    burst.last = burst.first + beats - 1;
    if (timing.random && beats > 1) burst.last += draw(3 * static_cast<int64_t>(beats));
    previous_last = burst.last;
    if (b_->running_o) dram.push_back({b_->cycle_o, addr, static_cast<uint16_t>(beats), false});
    return burst;
  }

  /// The memory's inputs of this cycle, decided once from the core's outputs of this cycle.
  void settle() {
    if (settled_ != b_.cycle + 1) {
      settled_ = b_.cycle + 1;
      answer_reads();
      answer_writes();
    }
    b_.settle();
  }
  void answer_reads() {
    if (b_->m_arvalid_o && !ar_asked_) {
      reads_.push_back(ask(b_->m_araddr_o, b_->m_arlen_o + 1u, last_read_));
      ar_asked_ = true;
    }
    b_->m_arready_i = ar_asked_ && reads_.back().accept == b_.cycle;
    if (b_->m_arready_i) ar_asked_ = false;
    b_->m_rvalid_i = !reads_.empty() && reads_.front().due(b_.cycle);
    b_->m_rlast_i = 0;
    if (!b_->m_rvalid_i) return;
    Burst& burst = reads_.front();
    b_->m_rresp_i = burst.error ? 2 : 0;
    if (!burst.error)
      poke(b_->m_rdata_i, {memory.data() + burst.addr + burst.done * kBytes, kBytes});
    if (++burst.done == burst.beats) {
      b_->m_rlast_i = 1;
      reads_.pop_front();
    }
  }
  void answer_writes() {
    if (b_->m_awvalid_o && !aw_asked_) {
      writes_.push_back(ask(b_->m_awaddr_o, b_->m_awlen_o + 1u, last_write_));
      if (!dram.empty() && b_->running_o) dram.back().write = true;
      aw_asked_ = true;
    }
    b_->m_awready_i = aw_asked_ && writes_.back().accept == b_.cycle;
    if (b_->m_awready_i) aw_asked_ = false;
    b_->m_bvalid_i = 0;
    b_->m_wready_i = 0;
    if (writes_.empty()) return;
    Burst& burst = writes_.front();
    if (burst.done == burst.beats) {  // the cycle after its last beat
      b_->m_bvalid_i = 1;
      b_->m_bresp_i = burst.error ? 2 : 0;
      writes_.pop_front();
      if (writes_.empty()) return;
    }
    take_beat(writes_.front());
  }
  void take_beat(Burst& burst) {
    b_->m_wready_i = burst.due(b_.cycle);
    if (!b_->m_wready_i) return;
    if (!b_->m_wvalid_o) throw std::runtime_error("no write data in the cycle of the beat");
    if (b_->m_wlast_o != (burst.done + 1 == burst.beats)) throw std::runtime_error("wrong wlast");
    const auto data = peek<uint8_t>(b_->m_wdata_o, kBytes);
    for (int i = 0; i < kBytes && !burst.error; ++i)
      if (uint64_t{b_->m_wstrb_o} >> i & 1) memory[burst.addr + burst.done * kBytes + i] = data[i];
    ++burst.done;
  }

  void observe() {
    const auto pcs = peek<uint32_t>(b_->retire_pc_o, isa::kUnits - 1);
    const auto starts = peek<std::array<uint16_t, 3>>(b_->retire_start_o, isa::kUnits - 1);
    for (int u = 0; u < isa::kUnits - 1; ++u) {
      if (!(b_->retire_valid_o >> u & 1)) continue;
      const uint64_t start =
          starts[u][0] | uint64_t{starts[u][1]} << 16 | uint64_t{starts[u][2]} << 32;
      retired.push_back({pcs[u], isa::Unit(u + 1), 0, start, b_->cycle_o});
    }
  }
  void tick() { b_.tick(); }

  std::deque<Burst> reads_, writes_;
  bool ar_asked_ = false, aw_asked_ = false;
  uint64_t last_read_ = 0, last_write_ = 0, settled_ = 0;
};

}  // namespace systole::bench
