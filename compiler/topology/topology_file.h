// SPDX-License-Identifier: Apache-2.0
// Reads the lines of a SCALE-Sim topology by position, as SCALE-Sim does (docs/topologies.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "compiler/topology/topology_layer.h"

namespace systole::topology {

struct Topology {
  std::vector<TopologyLayer> layers;
  int64_t batch = 1;  ///< of the column "Batch Size"; 1 without one
};

/// Throws Error naming file, line and column.
Topology read_topology_file(const std::filesystem::path& csv);

}  // namespace systole::topology
