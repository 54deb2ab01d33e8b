// SPDX-License-Identifier: Apache-2.0
// How the layers of a network are cut, told to people and taken back from them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/lower/placement.h"
#include "model/arch/arch.h"
#include "model/core/events.h"

namespace systole::lower {

/// Items, rows and columns of the output.
using TileSize = std::array<int64_t, 3>;

/// Another plan of a layer, and what the whole network takes with it.
struct NextPlan {
  TileSize tile{};
  Cycle cycles = 0;
};

struct LayerMapping {
  std::string name;
  TileSize output{};                ///< as the plan sees it: columns side by side are one
  std::optional<TileSize> tile;     ///< none: the layer runs in bands with others; or is not told
  std::optional<int64_t> together;  ///< Plan::together
  std::string how;                  ///< loop order, input and what stays on chip, in words
  std::vector<NextPlan> next;       ///< fewest cycles first
};

struct Mapping {
  std::string network;
  Cycle cycles = 0;  ///< of the network as it is mapped
  std::vector<LayerMapping> layers;
};

/// Of `placement`, without other plans and cycles.
Mapping mapping_of(const graph::QGraph& graph, const std::vector<Layer>& layers,
                   const Placement& placement);

/// Whether `mapping` has the layers of a network, as they are planned: an other one, or one that is
/// folded in another way, has not.
bool is_mapping_of(const Mapping& mapping, const std::vector<Layer>& layers);

/// Changes the plans of `placement` to those that `mapping`, which is of these layers, wants.
/// Throws Error (cannot compile) naming the layer and what is wrong.
void apply_mapping(const Mapping& mapping, const graph::QGraph& graph,
                   const std::vector<Layer>& layers, const arch::ArchConfig& arch,
                   Placement& placement);

/// The plans in other tiles that layers[index], which runs alone, may have in `placement`: the one
/// of fewest cycles by estimate for each number of tiles, fewest cycles first.
std::vector<Plan> other_plans(size_t index, const graph::QGraph& graph,
                              const std::vector<Layer>& layers, const arch::ArchConfig& arch,
                              const Placement& placement);
TileSize tile_of(const Plan& plan);

/// Gives layers[index], which runs alone, `plan` and its staging.
void set_plan(size_t index, const Plan& plan, const graph::QGraph& graph,
              const std::vector<Layer>& layers, const arch::ArchConfig& arch, Placement& placement);

}  // namespace systole::lower
