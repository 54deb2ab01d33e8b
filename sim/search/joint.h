// SPDX-License-Identifier: Apache-2.0
// The search for widths, pruning and shared values of each layer at once: that for widths alone
// first, then the optimiser's generations from all that it has found.
#pragma once

#include "sim/search/search.h"

namespace systole::search {

struct JointOptions {
  size_t budget = 150;  ///< points of the generations, at most
  size_t population = 16;
  uint64_t seed = 1;
};

/// `widths` and `joint` are spaces of the same layers, the second with more to choose. What it
/// adds to search(widths, ...): each kind of pruning for all layers and for each alone, then
/// generations that weigh cost against divergence (optimise::Explorer). All points that search()
/// tries come first, so that the front is nowhere behind that of widths alone. Throws Error as
/// search(), and if the program was built without pagmo. The same for the same measurements.
SearchResult search_jointly(const SearchSpace& widths, const SearchSpace& joint,
                            const SearchOptions& options, const JointOptions& generations,
                            const Measure& measure);

}  // namespace systole::search
