// SPDX-License-Identifier: Apache-2.0
// A verilated core as a SystemC module: one activation a clock cycle.
#pragma once

#include <memory>
#include <string>

#include "model/core/core_module.h"
#include "sim/engine/axi_bridge.h"
#include "sim/engine/axi_lite_port.h"
#include "sim/engine/snapshot_keeper.h"
#include "sim/engine/wave_story.h"
#include "sim/verilated/rtl_api.h"

namespace systole::engine {

/// What part of the run goes into which waveform file (empty: none). Cycle N begins N periods of
/// the clock after time 0.
struct WaveWindow {
  std::string file;
  Cycle from = 0;
  Cycle to = ~Cycle{0};
  double cycle_ps = 1000;  ///< the clock's period
  bool all = true;         ///< all signals, else those that the views show
  std::shared_ptr<const platform::WaveWords> words = {};
};

/// How a run begins and what it leaves.
struct RtlRun {
  uint64_t reset_seed = 0;
  WaveWindow wave = {};
  const Snapshot* from = nullptr;  ///< null: from reset; its state is the core's and this object's
  core::RunLog log = {};           ///< as it was at `from`
  SnapshotKeeper* keeper = nullptr;  ///< null: no snapshots are left
};

/// Ticks the core, answers its AXI port from the memory socket in the cycles the memory names,
/// turns calls on the CSR socket into AXI4-Lite, and logs what the observation ports show. A failed
/// assertion or protocol error of the RTL ends the simulation with an SC_ERROR report.
class RtlCore : public core::CoreModule {
 public:
  RtlCore(const sc_core::sc_module_name& name, const verilated::RtlApi& api,
          const sc_core::sc_time& period, int bus_bytes, RtlRun run);
  ~RtlCore() override;

  Cycle cycles() const override { return cycles_; }
  std::string dump_text() const override;

 private:
  void open_wave();
  void restore(const Snapshot& from);
  std::vector<uint8_t> state();
  void keep_snapshot(Cycle now);
  void tick();
  void observe(Cycle now);
  void log_causes(Cycle now);
  void end_of_run(Cycle now);
  void settle(bool running, Cycle now);
  void access_csr(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void check(const char* failure) const;

  const verilated::RtlApi& api_;
  const WaveWindow wave_;
  SnapshotKeeper* const keeper_;
  WaveStoryTables story_;
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
