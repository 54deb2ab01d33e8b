// SPDX-License-Identifier: Apache-2.0
// What layers that run in bands load of weights, anew for each band.
#pragma once

#include <vector>

#include "compiler/lower/bands.h"
#include "compiler/lower/plan.h"
#include "model/arch/arch.h"

namespace systole::lower {

class BandLoads {
 public:
  /// `layers` must stay.
  BandLoads(const std::vector<Layer>& layers, const arch::ArchConfig& arch);

  /// What the members of `group` from the `first` on load and keep the memory busy with for at
  /// least, run by `schedule`: no plan for its bands does with less.
  Work least(Range group, const BandSchedule& schedule, int64_t first = 0) const;

 private:
  const std::vector<Layer>& layers_;
  std::vector<Work> streams_;  ///< by layer: all of its weights, once
};

}  // namespace systole::lower
