// SPDX-License-Identifier: Apache-2.0
// In the order of their costs a point is beaten by an earlier one or not at all.
#include "sim/front/front.h"

#include <algorithm>
#include <numeric>

namespace systole::front {

bool beats(const Costs& a, const Costs& b) {
  bool less = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    less |= a[i] < b[i];
  }
  return less;
}

std::vector<size_t> front_of(const std::vector<Costs>& points) {
  std::vector<size_t> order(points.size()), front;
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return points[a] < points[b]; });
  for (const size_t i : order) {
    const auto beaten = [&](size_t other) { return beats(points[other], points[i]); };
    // The last that was found is the nearest: it beats most often.
    if (std::none_of(front.rbegin(), front.rend(), beaten)) front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace systole::front
