// SPDX-License-Identifier: Apache-2.0
// The host's one thread: set up, start, wait, read.
#include "sim/platform/host_driver.h"

#include <fmt/format.h>

#include <cstring>

#include "model/base/error.h"
#include "model/isa/counter_ids.h"

namespace systole::platform {

HostDriver::HostDriver(const sc_core::sc_module_name& name, core::CoreModule& core,
                       uint32_t program_base, uint32_t program_length, bool started)
    : sc_module(name),
      csr("csr"),
      core_(core),
      program_base_(program_base),
      program_length_(program_length),
      started_(started) {
  SC_HAS_PROCESS(HostDriver);
  SC_THREAD(drive);
  // A short run may end before the host has seen the answer to its write of START.
  SC_METHOD(note_end);
  dont_initialize();
  sensitive << core.ended;
}

void HostDriver::drive() {
  if (!started_) {
    write(isa::Csr::kProgramBase, program_base_);
    write(isa::Csr::kProgramLength, program_length_);
    write(isa::Csr::kControl, 1);
  }
  if (!ended_) wait(core_.ended);

  result_.cycles = core_.cycles();
  if (core_.hit_watchdog || core_.hit_limit) {
    result_.status = core_.hit_watchdog ? RunStatus::kWatchdog : RunStatus::kCycleLimit;
    result_.dump = core_.dump_text();
  } else {
    const uint32_t status = read(isa::Csr::kStatus);
    result_.status = (status & 4) != 0 ? RunStatus::kFault : RunStatus::kFinished;
    result_.fault = static_cast<isa::Fault>(read(isa::Csr::kFaultCode));
    result_.fault_pc = read(isa::Csr::kFaultPc);
  }
  for (uint32_t i = 0; i < isa::kCounters; ++i) {
    const uint32_t addr = static_cast<uint32_t>(isa::Csr::kCounter) + 8 * i;
    const uint64_t low = read(addr);
    result_.counters[i] = uint64_t{read(addr + 4)} << 32 | low;
  }
  sc_core::sc_pause();
}

uint32_t HostDriver::access(tlm::tlm_command command, uint32_t addr, uint32_t value) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(addr);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(4);
  payload.set_streaming_width(4);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  csr->b_transport(payload, delay);
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  if (!payload.is_response_ok())
    SC_REPORT_ERROR("host", fmt::format("csr 0x{:03x} answered with an error", addr).c_str());
  return value;
}

}  // namespace systole::platform
