// SPDX-License-Identifier: Apache-2.0
// How far the top-1 of a point is believed: few images make the best of many points lucky.
#pragma once

#include <vector>

#include "sim/search/point.h"

namespace systole::search {

/// Right answers that each point is credited with, none of those that failed (-1): what it had, but
/// no more than points of its divergence have. That is the monotone (isotonic, least squares)
/// regression of right answers on divergence over all points, less its value at the first point,
/// plus what the first point had. The first point is credited with what it had.
std::vector<double> credited(const std::vector<SearchPoint>& points);

}  // namespace systole::search
