// SPDX-License-Identifier: Apache-2.0
// Where every tensor and buffer lies in the unified buffer, and how every layer is cut.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/lower/allocator.h"
#include "compiler/lower/bands.h"
#include "compiler/lower/plan.h"

namespace systole::lower {

/// Unified-buffer words of one layer's staging buffers.
struct StagingPlaces {
  std::vector<Range> in, residual, out, maxima;
};

/// A tensor of which only the rows of a band are in the unified buffer, while its group runs.
struct BandBuffers {
  Range layers;                ///< the group
  int64_t rows = 0;            ///< that a buffer holds
  bool store = false;          ///< layers outside the group read it from DRAM
  std::vector<Range> buffers;  ///< words; used in turn
};

/// Layers that run one after the other, or in bands.
struct LayerGroup {
  Range layers;
  BandSchedule bands;  ///< empty: a single layer, run as a whole
};

struct Placement {
  std::vector<std::optional<Range>> resident;     ///< by tensor: its words, if it is kept whole
  std::vector<std::optional<BandBuffers>> bands;  ///< by tensor: where its bands lie, if it has any
  std::vector<LayerGroup> groups;                 ///< of all layers, in order
  std::vector<Plan> plans;                        ///< by layer
  std::vector<StagingPlaces> staging;             ///< by layer
};

/// Where the operands of layers[index] are, given the resident tensors and the bands.
Residence residence_of(const std::vector<Layer>& layers, size_t index, const graph::QGraph& graph,
                       const Placement& placement);

/// What no resident tensor occupies while any of the layers `life` runs.
FreeSpace free_during(const Placement& placement, const std::vector<Range>& lifetimes, Range life,
                      const arch::Geometry& geometry);

/// The layers through which each tensor has to be kept: from the one that makes it (network inputs:
/// the first) to the last that uses it. Empty for tensors that no layer names.
std::vector<Range> tensor_lifetimes(const graph::QGraph& graph, const std::vector<Layer>& layers);

/// Of places that are as good for buffers, which.
struct PlacePreference {
  bool by_kind = false;    ///< buffers that the same units write and read may meet in a bank, so
                           ///< that others need not; else all keep apart
  int64_t first_bank = 0;  ///< the first from it on
  friend bool operator==(const PlacePreference&, const PlacePreference&) = default;
};

/// Gives the bands and the staging of `group` their words, away from the banks of the operands that
/// are resident and from the words `before` of the group before. The sizes must fit. Returns all of
/// them.
std::vector<Range> place_group(const graph::QGraph& graph, const std::vector<Layer>& layers,
                               const std::vector<Range>& lifetimes, const arch::Geometry& geometry,
                               const LayerGroup& group, const std::vector<Range>& before,
                               Placement& placement, const PlacePreference& preference = {});

/// Throws Error (cannot compile) if two tensors or buffers that are needed at the same time
/// overlap, or one leaves the unified buffer.
void verify(const Placement& placement, const graph::QGraph& graph,
            const std::vector<Layer>& layers, const arch::Geometry& geometry);

/// One line a tensor and a layer, for --dump-ir.
std::string to_text(const Placement& placement, const graph::QGraph& graph,
                    const std::vector<Layer>& layers);

}  // namespace systole::lower
