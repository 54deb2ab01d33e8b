// SPDX-License-Identifier: Apache-2.0
// The figures of a run, by layer and in total, as docs/metrics.md defines them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/isa/causes.h"
#include "model/program/program.h"
#include "sim/engine/engine.h"
#include "sim/report/bounds.h"
#include "sim/report/cause_cycles.h"
#include "sim/report/distance.h"

namespace systole::report {

struct LayerReport {
  std::string name, op;
  Cycle cycles = 0;
  int64_t useful_macs = 0, dense_macs = 0;
  int mac_bits = 8;  ///< of what is multiplied
  double mac_utilisation = 0;
  DramBytes bytes;
  double bytes_per_cycle = 0;   ///< bandwidth reached
  Bounds bounds;                ///< the lower bound
  Bounds reference;             ///< with all activations in DRAM
  double cycles_per_bound = 0;  ///< of the lower bound
  UnitCycles units{};           ///< the layer's cycles by cause, for each unit
  Stall stall;                  ///< the largest
  Distance distance;            ///< to the largest bound
};

/// What the memory delivered, and what it cost (docs/metrics.md, "Memory").
struct MemoryReport {
  std::string name;             ///< kind, or preset of a DRAM
  double share_of_peak = 0;     ///< bandwidth reached / peak
  double matrix_unit_wait = 0;  ///< share of cycles in which the matrix unit waited for DMA
  /// `ddr` only: shares of cycles, over all channels, in which the data bus idled with accesses
  /// waiting.
  double lost_rows = 0, lost_refresh = 0, lost_turnaround = 0, lost_bank_groups = 0;
  double row_hit_rate = 0;
  memory::MemoryStats stats;
  bool has_rows() const { return stats.accesses() > 0; }
  double lost() const { return lost_rows + lost_refresh + lost_turnaround + lost_bank_groups; }
};

/// Work of the host after the accelerator, beside the accelerator's.
struct HostReport {
  std::string op, tensor;
  int64_t values = 0;     ///< it works on, whole batch
  double byte_share = 0;  ///< of its bytes in all bytes moved
};

/// Of several batches in one run: a repetition ends when the last byte of its outputs is stored.
struct SteadyState {
  double first_latency_ms = 0;   ///< until the first one ends
  double steady_latency_ms = 0;  ///< from one end to the next, the mean over the later half
  double inferences_per_s = 0;   ///< in the steady state
};

struct Report {
  std::string network, arch_name, engine;
  int64_t batch = 1;                  ///< items of one repetition
  int64_t repeat = 1;                 ///< batches, one behind the other
  std::optional<SteadyState> steady;  ///< of a run that finished more than one
  bool functional = false;
  bool accelerator_only = false;  ///< the host has a share in the network that is not in the cycles
  platform::RunStatus status = platform::RunStatus::kFinished;
  Cycle cycles = 0;
  double clock_mhz = 0;
  double latency_ms = 0;
  double inferences_per_s = 0;
  double tops = 0, effective_tops = 0, peak_tops = 0;
  int64_t useful_macs = 0, dense_macs = 0;
  double mac_utilisation = 0, mxu_busy = 0;
  DramBytes bytes;
  double bytes_per_cycle = 0, peak_bytes_per_cycle = 0;
  MemoryReport memory;
  Bounds lower_bound;         ///< nothing can be faster
  Cycle layer_reference = 0;  ///< the sum of the layers' references
  UnitCycles units{};         ///< the run's cycles by cause, for each unit
  Distance distance;          ///< to the network's bound
  std::vector<LayerReport> layers;
  std::vector<HostReport> host;
  double host_seconds = 0, cpu_seconds = 0;

  /// Items of the run.
  int64_t items() const { return batch * repeat; }
};

/// DRAM bytes that the instruction moves, its own 64 bytes of fetch included.
DramBytes instruction_bytes(const isa::Words& words, const isa::HwParams& hw);

/// Of a run of more than one repetition, with its log; none: it has but one, or stores nothing.
std::optional<SteadyState> steady_state(const program::Program& program,
                                        const arch::ArchConfig& arch,
                                        const platform::RunResult& result);

/// `result`'s logs must be kept (RunOptions::keep_logs) for the rows of layers; runs that were
/// stopped have none.
Report make_report(const program::Program& program, const arch::ArchConfig& arch,
                   const platform::RunResult& result, const std::string& engine, bool functional);

}  // namespace systole::report
