// SPDX-License-Identifier: Apache-2.0
// What a group of layers will take, found by lowering a part of it and rehearsing that.
#pragma once

#include <optional>
#include <vector>

#include "compiler/lower/placement.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// Estimated cycles of `group` under `placement`, in which its plans, bands and staging have their
/// places: from its first computation to its last, and at least as long as the memory is busy. Of
/// many bands, or of many rows of tiles of a single layer, the first few are rehearsed and the
/// others taken to be like the last of those.
double rehearse_group(const graph::QGraph& graph, const std::vector<Layer>& layers,
                      const arch::ArchConfig& arch, const Placement& placement,
                      const LayerGroup& group);

/// The cycle in which the groups [first, first + count) of `placement.groups` end if they are all
/// that runs: in whole, but of the first of several only the last bands, if it runs in bands;
/// infinite if that is later than `limit`; nothing if they have too many instructions to try.
std::optional<double> rehearse_groups(const graph::QGraph& graph, const std::vector<Layer>& layers,
                                      const arch::ArchConfig& arch, const Placement& placement,
                                      Range groups, double limit);

}  // namespace systole::lower
