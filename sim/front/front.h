// SPDX-License-Identifier: Apache-2.0
// The points that no other one beats.
#pragma once

#include <cstddef>
#include <vector>

namespace systole::front {

/// What a point costs by each objective, all to be small.
using Costs = std::vector<double>;

/// Whether `a` is nowhere more than `b` and somewhere less.
bool beats(const Costs& a, const Costs& b);

/// Indices, in their order, of those of `points` that no other one beats; equal ones are all there.
/// Time goes with points times front.
std::vector<size_t> front_of(const std::vector<Costs>& points);

}  // namespace systole::front
