// SPDX-License-Identifier: Apache-2.0
// Sorts by cost and keeps what raises the accuracy.
#include "sim/search/front.h"

#include <algorithm>

namespace systole::search {

bool cheaper(const Figures& a, const Figures& b, Objective objective) {
  const double of_a = a.cost(objective), of_b = b.cost(objective);
  return of_a != of_b ? of_a < of_b : a.divergence < b.divergence;
}

std::vector<size_t> pareto_front(const std::vector<SearchPoint>& points,
                                 const std::vector<double>& credit, Objective objective) {
  std::vector<size_t> order;
  for (size_t i = 0; i < points.size(); ++i)
    if (points[i].failure.empty()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const Figures &of_a = points[a].figures, &of_b = points[b].figures;
    if (of_a.cost(objective) != of_b.cost(objective))
      return of_a.cost(objective) < of_b.cost(objective);
    return credit[a] != credit[b] ? credit[a] > credit[b] : of_a.divergence < of_b.divergence;
  });
  std::vector<size_t> front;
  for (const size_t i : order)
    if (front.empty() || credit[i] > credit[front.back()]) front.push_back(i);
  return front;
}

}  // namespace systole::search
