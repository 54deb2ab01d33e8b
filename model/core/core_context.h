// SPDX-License-Identifier: Apache-2.0
// What the units of the event-driven core share.
#pragma once

#include <cstdint>

#include "model/arch/geometry.h"
#include "model/core/counters.h"
#include "model/core/events.h"
#include "model/core/fault_recorder.h"
#include "model/core/memory_port.h"
#include "model/core/port_locks.h"
#include "model/core/semaphores.h"
#include "model/core/weight_ring.h"

namespace systole::core {

class Datapath;

struct CoreContext {
  CoreContext(const isa::HwParams& params, MemoryPort& port, Datapath* datapath, RunLog* run_log)
      : hw(params),
        geo(params),
        memory(port),
        data(datapath),
        log(run_log),
        counters(run_log != nullptr ? &run_log->causes : nullptr),
        ring(params.wb_tiles) {}

  const isa::HwParams hw;
  const arch::Geometry geo;
  MemoryPort& memory;
  Datapath* const data;  ///< null: timing only
  RunLog* const log;     ///< null: no logs
  Counters counters;
  FaultRecorder fault;
  Semaphores semaphores;
  PortLocks locks;
  WeightRing ring;
  /// The first cycle in which all instructions are seen dispatched.
  Cycle all_dispatched_from = kNever;
  /// The last cycle in which a change of tokens, ports or queues became visible, or will.
  Cycle news = 0;
  /// Instructions, all units.
  uint64_t retired = 0;
};

}  // namespace systole::core
