// SPDX-License-Identifier: Apache-2.0
// The points of a search that no other one beats.
#pragma once

#include <vector>

#include "sim/search/point.h"

namespace systole::search {

/// Whether `a` is to be preferred to `b` at the same accuracy: lower cost, then less divergence.
bool cheaper(const Figures& a, const Figures& b, Objective objective);

/// Indices of the Pareto front of accuracy (by `credit`, of each point) against cost, cheapest
/// first: of each, no point has lower cost at the same accuracy or a higher accuracy at the same
/// cost. Of points equal in both the one of the least divergence, then the first. Points that
/// failed are left out.
std::vector<size_t> pareto_front(const std::vector<SearchPoint>& points,
                                 const std::vector<double>& credit, Objective objective);

}  // namespace systole::search
