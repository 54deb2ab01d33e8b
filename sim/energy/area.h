// SPDX-License-Identifier: Apache-2.0
// The area of an architecture by component, an estimate from a table (docs/energy.md).
#pragma once

#include <string>
#include <vector>

#include "model/isa/isa.h"
#include "sim/energy/table.h"

namespace systole::energy {

struct AreaPart {
  std::string name, what;
  double mm2 = 0;
  bool extrapolated = false;
};

struct AreaReport {
  std::vector<AreaPart> parts;
  double total_mm2() const;
};

/// All gates of the core (sim/energy/gates.h) at the table's prices, and its memory macros. Wiring,
/// clock tree and pads are in no table and not counted.
AreaReport estimate_area(const EnergyTable& table, const isa::HwParams& hw);

/// KiB of the memories of an architecture.
struct MemorySizes {
  explicit MemorySizes(const isa::HwParams& hw);
  double unified_buffer, weight_buffer, accumulators, parameters;
  double tables;        ///< the four tables of the vector unit (flip-flops)
  double dma_buffer;    ///< burst slots (flip-flops) of each engine that moves data
  double fetch_buffer;  ///< burst slots of fetch
  double line;          ///< of load_window (flip-flops)
};

}  // namespace systole::energy
