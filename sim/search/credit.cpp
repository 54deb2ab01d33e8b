// SPDX-License-Identifier: Apache-2.0
// Isotonic regression by pooling neighbours that are in the wrong order.
#include "sim/search/credit.h"

#include <algorithm>

namespace systole::search {
namespace {

/// Points of one fitted value.
struct Pool {
  double sum = 0;
  size_t points = 0;
  double mean() const { return sum / static_cast<double>(points); }
};

/// Falling with the divergence, by point; those that failed keep -1.
std::vector<double> fit(const std::vector<SearchPoint>& points) {
  std::vector<size_t> order;
  for (size_t i = 0; i < points.size(); ++i)
    if (points[i].failure.empty()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return points[a].figures.divergence < points[b].figures.divergence;
  });
  std::vector<Pool> pools;
  for (const size_t i : order) {
    pools.push_back({static_cast<double>(points[i].figures.right), 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() <= pools.back().mean()) {
      Pool& before = pools[pools.size() - 2];
      before.sum += pools.back().sum;
      before.points += pools.back().points;
      pools.pop_back();
    }
  }
  std::vector<double> fitted(points.size(), -1);
  size_t at = 0;
  for (const Pool& pool : pools)
    for (size_t i = 0; i < pool.points; ++i) fitted[order[at++]] = pool.mean();
  return fitted;
}

}  // namespace

std::vector<double> credited(const std::vector<SearchPoint>& points) {
  std::vector<double> credit = fit(points);
  if (points.empty()) return credit;
  const auto first = static_cast<double>(points[0].figures.right);
  const double fitted = credit[0];
  for (size_t i = 0; i < points.size(); ++i)
    if (points[i].failure.empty())
      credit[i] =
          std::min(static_cast<double>(points[i].figures.right), first - (fitted - credit[i]));
  return credit;
}

}  // namespace systole::search
