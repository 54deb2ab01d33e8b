// SPDX-License-Identifier: Apache-2.0
// From a point of a database back to what is run.
#pragma once

#include <map>
#include <string>

#include "model/arch/arch.h"
#include "sim/results/configuration.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

/// The point with the network's file `file`; the hardware is that of `arch_of`, and energies are
/// those of the default table.
SweepPoint point_of(const results::Configuration& configuration, const std::filesystem::path& file);

/// Reads each memory once.
class StoredMachines {
 public:
  /// The hardware, to the last parameter. Throws Error if it is not what this program understands.
  arch::ArchConfig arch_of(const results::Machine& machine);

 private:
  std::map<std::string, arch::MemoryConfig> memories_;  ///< by identity
};

/// The same of one machine.
arch::ArchConfig arch_of(const results::Machine& machine);

}  // namespace systole::sweep
