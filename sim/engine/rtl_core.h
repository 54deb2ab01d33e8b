// SPDX-License-Identifier: Apache-2.0
// A verilated core as a SystemC module: one activation a clock cycle.
#pragma once

#include <string>

#include "model/core/core_module.h"
#include "sim/engine/axi_bridge.h"
#include "sim/engine/axi_lite_port.h"
#include "sim/verilated/rtl_api.h"

namespace systole::engine {

/// What part of the run goes into which waveform file (empty: none). Waveform time is the run's
/// cycle in ns.
struct WaveWindow {
  std::string file;
  Cycle from = 0;
  Cycle to = ~Cycle{0};
};

/// Ticks the core, answers its AXI port from the memory socket in the cycles the memory names,
/// turns calls on the CSR socket into AXI4-Lite, and logs what the observation ports show. A failed
/// assertion or protocol error of the RTL ends the simulation with an SC_ERROR report.
class RtlCore : public core::CoreModule {
 public:
  RtlCore(const sc_core::sc_module_name& name, const verilated::RtlApi& api,
          const sc_core::sc_time& period, int bus_bytes, uint64_t reset_seed, WaveWindow wave);
  ~RtlCore() override;

  Cycle cycles() const override { return cycles_; }
  std::string dump_text() const override;

 private:
  void tick();
  void observe(Cycle now);
  void log_causes(Cycle now);
  void end_of_run(Cycle now);
  void settle(bool running, Cycle now);
  void access_csr(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void check(const char* failure) const;

  const verilated::RtlApi& api_;
  const WaveWindow wave_;
  void* core_ = nullptr;
  verilated::RtlPins pins_{};
  BurstClient memory_client_;
  AxiReadPort read_port_;
  AxiWritePort write_port_;
  AxiLitePort csr_port_;
  sc_core::sc_event csr_done_;
  Cycle cycles_ = 0;
  Cycle stalled_ = 0;  ///< cycles in a row without progress
  uint64_t retired_ = 0;
  uint32_t causes_;  ///< of all units in the cycle before, as unit_cause_o
};

}  // namespace systole::engine
