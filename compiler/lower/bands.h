// SPDX-License-Identifier: Apache-2.0
// Layers that run together band by band: which rows of each are computed and held for each band.
#pragma once

#include <vector>

#include "compiler/lower/layer.h"

namespace systole::lower {

/// The rows of one member of a group in one band.
struct BandRows {
  Range made;  ///< output rows computed in this band
  Range held;  ///< rows that the members of the group read in it: made now, or kept from before
  /// How many of `held`, from its first, were made in earlier bands.
  int64_t kept() const { return made.first - held.first; }
};

/// rows[band][member].
using BandSchedule = std::vector<std::vector<BandRows>>;

/// The schedule of `layers[group]` in which the last member makes `rows` rows a band, and each
/// other member what the members after it need, and in the last band what is left. A member that no
/// other reads has to be the last.
BandSchedule make_bands(const std::vector<Layer>& layers, Range group, int64_t rows);

/// Most rows of a member that are made, and that are held, in any band.
BandRows most_rows(const BandSchedule& schedule, size_t member);

/// Whether the members of `group` can run in bands: maps of several rows, and every member but the
/// last is read by a later one.
bool can_band(const std::vector<Layer>& layers, Range group);

}  // namespace systole::lower
