// SPDX-License-Identifier: Apache-2.0
// What the platform sees of a core, whichever engine it is: two TLM-2.0 sockets, logs, and the end
// of the run.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <functional>
#include <string>
#include <systemc>
#include <tlm>

#include "model/core/events.h"
#include "model/core/memory_port.h"

namespace systole::core {

/// Rides on every memory transaction: the question in cycles and the answer. The payload's address
/// is that of the first beat (bus-aligned), its length beats * bus bytes. A null data pointer asks
/// for timing only; a write with data carries byte enables where not all bytes are written. Call
/// order is (cycle, read before write).
struct BurstExtension : tlm::tlm_extension<BurstExtension> {
  Cycle cycle = 0;
  int beats = 0;
  memory::BurstTiming timing;
  tlm::tlm_extension_base* clone() const override { return new BurstExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const BurstExtension&>(other);
  }
};

/// A core behind two sockets. `csr` takes 4-byte reads and writes at the addresses of isa::Csr by
/// b_transport (from an SC_THREAD; it may wait). Cycle counts become sc_time through `clock_period`
/// alone.
class CoreModule : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<CoreModule> memory;
  tlm_utils::simple_target_socket<CoreModule> csr;

  CoreModule(const sc_core::sc_module_name& name, const sc_core::sc_time& period)
      : sc_module(name), memory("memory"), csr("csr"), clock_period(period) {}

  /// Notified when the run has ended: finished, fault, watchdog or cycle limit.
  sc_core::sc_event ended;
  /// Cycles since START so far.
  virtual Cycle cycles() const = 0;
  /// Set before START: stop after this many cycles (0: never).
  Cycle cycle_limit = 0;
  /// Set before START: stop when no unit was busy, in setup, draining, loading weights or waiting
  /// for memory for so many cycles in a row. The stop is in the last of them.
  Cycle watchdog_cycles = 10000;
  bool hit_limit = false;
  bool hit_watchdog = false;
  RunLog log;
  std::function<void(Cycle, uint64_t)> progress;  ///< (cycles, instructions retired), now and then
  /// One line for each unit: state, instruction, what it waits for.
  virtual std::string dump_text() const = 0;

 protected:
  const sc_core::sc_time clock_period;
};

}  // namespace systole::core
