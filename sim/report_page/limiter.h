// SPDX-License-Identifier: Apache-2.0
// What holds a run up: the part of the machine that is in use, or waited for, in most of its
// cycles.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "sim/report_page/answer.h"

namespace systole::report_page {

enum class Limit {
  kProducts,       ///< the array is full and streams
  kUnfilledArray,  ///< it streams, but tiles do not fill it
  kWeightEntry,    ///< weights enter it for longer than rows stream
  kBandwidth,      ///< of the memory, or of the bus where that has less
  kBuffers,        ///< bandwidth, used up by what the buffers do not hold and that moves again
  kMemoryLatency,  ///< the matrix unit waits for DMA that waits for a memory with time to spare
  kLoads,          ///< the matrix unit waits for DMA that is at work, a word a cycle
  kVectorUnit,
  kHandOver,  ///< instructions start, end and wait for each other
  kBanks,
  kFetch,
};

/// "bandwidth", "unfilled array", ...
std::string_view limit_name(Limit limit);

struct Limiter {
  Limit limit = Limit::kProducts;
  double share = 0;  ///< of the cycles
  /// Every part that was looked at with its share, the largest first; one each of the array, of
  /// bandwidth and of waiting for DMA.
  std::vector<std::pair<Limit, double>> all;
};

/// Of `result`, which is a finished run (docs/result.schema.json). Throws Json::exception.
///
/// Shares of the run's cycles, of which the largest is taken, and that of the array where it is at
/// work in 90 % of them: matrix unit at work (streaming,
/// weights entering); bandwidth delivered of the peak, with what a DRAM loses to rows, refresh and
/// turns; vector unit at work; the matrix unit waiting for DMA, for hand-over between instructions,
/// for banks, for instructions.
Limiter limiter_of(const Json& result);

/// Cycles of `unit` by `cause` of "unit_cycles"; 0 if it has none.
int64_t unit_cause(const Json& unit_cycles, const char* unit, const char* cause);

/// What moves through DRAM, in bytes.
struct Traffic {
  int64_t total = 0;
  int64_t data = 0;   ///< weights and activations
  int64_t least = 0;  ///< of these, what must pass once: of the lower bound
  int64_t repeated() const { return data - least; }
};
Traffic traffic_of(const Json& result);

}  // namespace systole::report_page
