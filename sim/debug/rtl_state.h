// SPDX-License-Identifier: Apache-2.0
// The registers and memories of a verilated core by their names in the RTL.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/arch/geometry.h"
#include "model/core/registers.h"
#include "model/isa/counter_ids.h"
#include "sim/verilated/rtl_api.h"

namespace systole::debug {

/// Reads what a library built for debugging shows.
class RtlState {
 public:
  /// Throws Error where the RTL lacks a variable.
  RtlState(const verilated::RtlApi& api, void* core, const isa::HwParams& hw);

  core::Registers registers() const;
  std::array<uint64_t, isa::kCounters> counters(uint64_t cycles) const;
  std::vector<uint8_t> ub(uint64_t byte, size_t count) const;
  std::vector<int32_t> acc(uint64_t row) const;

 private:
  using Variable = verilated::RtlVariable;
  struct Front {
    Variable state, pc, held, queue, queue_first, queue_count, flying, oldest, pcs, starts;
  };
  Front find_front(int unit) const;
  core::FrontRegisters front(isa::Unit unit) const;
  core::PortSet ports(uint64_t held) const;
  Variable find(const std::string& scope, const char* name) const;

  const verilated::RtlApi& api_;
  void* const core_;
  const isa::HwParams hw_;
  const arch::Geometry geometry_;
  std::array<Front, isa::kUnits> fronts_;
  std::array<std::array<Variable, isa::kUnits>, isa::kUnits> tokens_;  ///< [producer][consumer]
  Variable dispatched_, ready_, credits_, fault_, fault_pc_;
  std::vector<Variable> events_;                            ///< from counter 1 on
  std::array<Variable, isa::kUnits> causes_, causes_seen_;  ///< cycles by cause
  std::vector<Variable> ub_, acc_;                          ///< by bank
};

}  // namespace systole::debug
