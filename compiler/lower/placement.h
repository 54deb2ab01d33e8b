// SPDX-License-Identifier: Apache-2.0
// Where every tensor and buffer lies in the unified buffer, and how every layer is cut.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/lower/plan.h"

namespace systole {

/// Unified-buffer words of one layer's staging buffers.
struct StagingPlaces {
  std::vector<Range> in, residual, out;
};

struct Placement {
  std::vector<std::optional<Range>> resident;  ///< by tensor: its words, if it is kept whole
  std::vector<Plan> plans;                     ///< by layer
  std::vector<StagingPlaces> staging;          ///< by layer
};

/// Where a layer's operands are, given the resident tensors.
Residence residence_of(const Layer& layer, const QGraph& graph,
                       const std::vector<std::optional<Range>>& resident);

/// The layers through which each tensor has to be kept: from the one that makes it (network inputs:
/// the first) to the last that uses it. Empty for tensors that no layer names.
std::vector<Range> tensor_lifetimes(const QGraph& graph, const std::vector<Layer>& layers);

/// Throws Error (cannot compile) if two tensors or buffers that are needed at the same time
/// overlap, or one leaves the unified buffer.
void verify(const Placement& placement, const QGraph& graph, const std::vector<Layer>& layers,
            const Geometry& geometry);

/// One line a tensor and a layer, for --dump-ir.
std::string to_text(const Placement& placement, const QGraph& graph,
                    const std::vector<Layer>& layers);

}  // namespace systole
