// SPDX-License-Identifier: Apache-2.0
// Why something took longer than its bound: the distance as a sum of causes (docs/metrics.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/isa/causes.h"
#include "sim/report/bounds.h"
#include "sim/report/cause_cycles.h"

namespace systole::report {

/// `cycles - bound`, told by the cycles of the one unit that the bound is about: of each it is
/// either at work or has a cause to wait.
struct Distance {
  isa::Unit unit = isa::Unit::kMxu;  ///< that the bound is about
  int64_t cycles = 0;                ///< above the bound; negative: below it
  int64_t work = 0;     ///< the unit's cycles at work beyond the bound; negative: fewer than it
  CauseCycles waits{};  ///< its other cycles; with `work` they sum to `cycles`

  struct Term {
    std::string name;  ///< "work", or that of an isa::Cause
    int64_t cycles = 0;
  };
  /// The terms that are not zero, largest first.
  std::vector<Term> terms() const;
};

/// Of what took `cycles` in which the units did `units` and moved `bytes`. At work are: the matrix
/// unit while rows stream or weights enter, the vector unit while it is busy, a DMA unit while it
/// moves data or waits for memory. A memory bound is about the DMA unit that moves most bytes.
Distance distance_to_bound(Cycle cycles, const Bounds& bounds, const UnitCycles& units,
                           const DramBytes& bytes);

}  // namespace systole::report
