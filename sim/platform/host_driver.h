// SPDX-License-Identifier: Apache-2.0
// The host: starts a program through the CSRs, waits for its end and reads what the core says about
// the run.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>

#include "model/core/core_module.h"
#include "sim/platform/run.h"

namespace systole::platform {

/// Runs one program and then pauses the simulation. Counters are read through the CSRs once the
/// run has ended; those of a run that the watchdog or the cycle limit has cut off are what it had
/// reached in its last cycle. `started`: the program is at work already.
class HostDriver : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<HostDriver> csr;

  HostDriver(const sc_core::sc_module_name& name, core::CoreModule& core, uint32_t program_base,
             uint32_t program_length, bool started);

  /// Status, fault, cycles and counters of the run; valid once the simulation has paused.
  const RunResult& result() const { return result_; }

 private:
  void drive();
  void note_end() { ended_ = true; }
  void write(isa::Csr reg, uint32_t value) {
    access(tlm::TLM_WRITE_COMMAND, static_cast<uint32_t>(reg), value);
  }
  uint32_t read(uint32_t addr) { return access(tlm::TLM_READ_COMMAND, addr, 0); }
  uint32_t read(isa::Csr reg) { return read(static_cast<uint32_t>(reg)); }
  uint32_t access(tlm::tlm_command command, uint32_t addr, uint32_t value);

  core::CoreModule& core_;
  const uint32_t program_base_;
  const uint32_t program_length_;
  const bool started_;
  bool ended_ = false;
  RunResult result_;
};

}  // namespace systole::platform
