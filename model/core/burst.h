// SPDX-License-Identifier: Apache-2.0
// Cuts the DRAM runs of an instruction into AXI bursts (docs/timing.md, "Burst reader").
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "model/arch/geometry.h"
#include "model/core/events.h"

namespace systole::core {

/// Contiguous pieces of DRAM, one for each step of up to three loops, and the UB word each belongs
/// to.
struct Runs {
  uint64_t dram = 0;
  uint64_t bytes = 0;  ///< of each run
  uint32_t ub = 0;
  std::array<uint32_t, 3> count{1, 1, 1};  ///< outermost first
  std::array<uint32_t, 3> dram_stride{};
  std::array<uint32_t, 3> ub_stride{};
};

struct Burst {
  uint32_t addr = 0;    ///< of its first byte
  uint32_t bytes = 0;   ///< of the run
  uint64_t offset = 0;  ///< of its first byte in the run
  uint32_t ub = 0;      ///< UB word of the run
  uint32_t step2 = 0;   ///< of the innermost loop
  bool ends_run = false;
  bool ends_all = false;  ///< last of the instruction
};

class BurstCutter {
 public:
  explicit BurstCutter(const arch::Geometry& geo)
      : burst_bytes_(static_cast<uint64_t>(geo.burst_bytes)),
        axi_shift_(std::countr_zero(static_cast<uint32_t>(geo.axi_bytes))) {}

  void begin(const Runs& runs);
  bool done() const { return done_; }
  /// The next burst; call only while not done().
  Burst next();

  /// Beats that the bytes of `burst` touch.
  int beats(const Burst& burst) const {
    return static_cast<int>((beat_offset(burst) + burst.bytes - 1) >> axi_shift_) + 1;
  }
  /// Address of its first beat.
  uint32_t beat_addr(const Burst& burst) const { return burst.addr - beat_offset(burst); }
  /// Bytes of its first beat before its first byte.
  uint32_t beat_offset(const Burst& burst) const { return burst.addr & ((1u << axi_shift_) - 1); }

 private:
  const uint64_t burst_bytes_;  ///< a power of two, as the bus width is
  const int axi_shift_;
  Runs runs_;
  std::array<uint32_t, 3> step_{};
  std::array<uint64_t, 3> dram_{};  ///< where each loop stands
  std::array<uint32_t, 3> ub_{};
  uint64_t offset_ = 0;
  bool done_ = true;
};

}  // namespace systole::core
