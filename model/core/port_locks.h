// SPDX-License-Identifier: Apache-2.0
// The ports of UB and ACC that instructions hold (docs/timing.md, "Issue").
#pragma once

#include <array>

#include "model/core/command.h"
#include "model/isa/isa.h"

namespace systole::core {

/// Who holds which (port, bank).
class PortLocks {
 public:
  /// Whether no other unit than `unit` holds one of `ports`.
  bool available(isa::Unit unit, PortSet ports) const {
    PortSet others = 0;
    for (int u = 0; u < isa::kUnits; ++u)
      if (u != static_cast<int>(unit)) others |= held_[u];
    return (others & ports) == 0;
  }
  PortSet held(isa::Unit unit) const { return held_[static_cast<size_t>(unit)]; }
  void set(isa::Unit unit, PortSet ports) { held_[static_cast<size_t>(unit)] = ports; }

 private:
  std::array<PortSet, isa::kUnits> held_{};
};

}  // namespace systole::core
