// SPDX-License-Identifier: Apache-2.0
// The engine "model": the event-driven core as a SystemC module.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "model/core/core_kernel.h"
#include "model/core/core_module.h"
#include "model/core/datapath.h"

namespace systole::core {

class ModelCore : public CoreModule {
 public:
  /// `functional`: move and compute data too; otherwise only instructions are read. `switching`:
  /// null, or where the datapath counts.
  ModelCore(const sc_core::sc_module_name& name, const isa::HwParams& hw,
            const sc_core::sc_time& period, bool functional, MacsByTag* switching = nullptr);
  ~ModelCore() override;

  Cycle cycles() const override;
  std::string dump_text() const override;

 private:
  class MemorySocket;

  void transport_csr(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool read_csr(uint32_t addr, uint32_t& value);
  bool write_csr(uint32_t addr, uint32_t value);
  void run();
  void finish();

  const isa::HwParams hw_;
  std::unique_ptr<Datapath> datapath_;  ///< null: timing only
  std::unique_ptr<MemorySocket> memory_socket_;
  std::unique_ptr<CoreKernel> kernel_;  ///< of the last START
  sc_core::sc_event start_event_;
  sc_core::sc_time cycle_zero_;
  uint32_t program_base_ = 0;
  uint32_t program_length_ = 0;
  bool running_ = false;
  bool stopped_ = false;  ///< the last run has ended
  uint64_t steps_ = 0;    ///< active cycles since the last progress call
};

}  // namespace systole::core
