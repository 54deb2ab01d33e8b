// SPDX-License-Identifier: Apache-2.0
// The event-driven core without SystemC: runs the units in the cycles in which something happens.
#pragma once

#include <array>
#include <string>

#include "model/core/core_context.h"
#include "model/core/fetch.h"
#include "model/core/load_dma.h"
#include "model/core/matrix_unit.h"
#include "model/core/read_port.h"
#include "model/core/registers.h"
#include "model/core/store_dma.h"
#include "model/core/vector_unit.h"
#include "model/core/weight_dma.h"
#include "model/isa/counter_ids.h"

namespace systole::core {

struct KernelOptions {
  Cycle cycle_limit = 0;          ///< 0: none
  Cycle watchdog_cycles = 10000;  ///< as CoreModule::watchdog_cycles
  bool every_cycle = false;       ///< run each cycle: slow, the same result (for tests)
};

/// One run of a program, from START to its end.
class CoreKernel {
 public:
  enum class Outcome { kRunning, kFinished, kLimit, kWatchdog };

  /// `data` null: timing only. `log` null: no logs.
  CoreKernel(const isa::HwParams& hw, MemoryPort& memory, Datapath* data, RunLog* log,
             uint32_t base, uint32_t length, const KernelOptions& options);

  /// Runs the active cycle next_cycle().
  void step();
  /// The next active cycle; once the run has ended, the cycle after its last.
  Cycle next_cycle() const { return next_; }
  Outcome outcome() const { return outcome_; }

  /// Counters up to the cycle before `t`.
  const std::array<uint64_t, isa::kCounters>& counters(Cycle t);
  /// The fault that is visible once the run has ended, or none.
  isa::Fault fault() const;
  uint32_t fault_pc() const { return core_.fault.pc(); }
  uint64_t retired() const { return core_.retired; }
  /// What `unit` does in the cycle of the last step, and until the next.
  isa::Cause cause(isa::Unit unit) const { return core_.counters.cause(unit); }
  /// From now on every step leaves in `at` what its cycle's decisions are made on. Null: no more.
  void keep_registers(Registers* at) { kept_registers_ = at; }
  /// As they stand in a cycle `t` between the last step's and next_cycle().
  Registers registers(Cycle t) const;
  std::string dump() const;

 private:
  /// A set of units: bit u stands for isa::Unit u.
  using UnitSet = unsigned;
  static constexpr UnitSet kAllUnits = (1u << isa::kUnits) - 1;

  /// Calls action(unit object, isa::Unit) for the units of a set, in the order in which they
  /// decide.
  template <typename Action>
  void for_each(UnitSet units, const Action& action);
  UnitSet owner(const BurstReader* reader);
  Cycle next_event(Cycle t) const;
  void stop_or_go(Cycle t, Cycle next);
  bool finishes(Cycle t) const;
  bool makes_progress() const;
  void end(Outcome outcome, Cycle last);

  CoreContext core_;
  LoadDma lda_;
  WeightDma ldw_;
  MatrixUnit mxu_;
  VectorUnit vpu_;
  StoreDma sto_;
  const Fetch::Fronts fronts_;
  Fetch fetch_;
  ReadPort read_port_;
  const KernelOptions options_;
  Cycle next_ = 0;
  std::array<Cycle, isa::kUnits> due_{};  ///< when each unit has something to do by itself
  Cycle quiet_from_ = kNever;             ///< since then no unit has made progress
  Outcome outcome_ = Outcome::kRunning;
  Registers* kept_registers_ = nullptr;
};

}  // namespace systole::core
