// SPDX-License-Identifier: Apache-2.0
// Chooses the values that a layer's weights share.
#include "compiler/prune/codebook.h"

#include <algorithm>
#include <cmath>

namespace systole::prune {
namespace {

constexpr int kCodes = 256, kZero = 128;
constexpr int kLargest = 127;

/// What it costs to represent codes by their neighbours in a codebook.
class Costs {
 public:
  Costs(const std::vector<double>& weight, const std::vector<int>& fixed)
      : weight_(weight), fixed_(kCodes, false) {
    for (const int code : fixed) fixed_[static_cast<size_t>(code + kZero)] = true;
  }

  /// Of the codes strictly between neighbours `low` and `high` (-1, kCodes: there is none);
  /// infinite if one of them is fixed.
  double between(int low, int high) const {
    double sum = 0;
    for (int c = low + 1; c < high; ++c) {
      if (fixed_[static_cast<size_t>(c)]) return INFINITY;
      const double below = low < 0 ? INFINITY : c - low,
                   above = high == kCodes ? INFINITY : high - c;
      const double distance = std::min(below, above);
      sum += weight_[static_cast<size_t>(c)] * distance * distance;
    }
    return sum;
  }

 private:
  const std::vector<double>& weight_;
  std::vector<bool> fixed_;
};

int nearest(const std::vector<int>& book, int code) {
  return *std::min_element(book.begin(), book.end(),
                           [&](int a, int b) { return std::abs(a - code) < std::abs(b - code); });
}

/// Scale of each output channel: of the network's own integers, or largest magnitude / 127.
std::vector<double> scales_of(const PruneLayer& layer) {
  const graph::Conv& conv = layer.conv();
  if (conv.states_integers()) return {conv.weight_scale.begin(), conv.weight_scale.end()};
  const auto taps = static_cast<size_t>(layer.in * layer.area);
  std::vector<double> scales(static_cast<size_t>(layer.out));
  for (size_t i = 0; i < conv.weights.size(); ++i)
    scales[i / taps] = std::max(scales[i / taps], std::fabs(double{conv.weights[i]}) / kLargest);
  return scales;
}

void share(const PruneLayer& layer, int values) {
  graph::Conv& conv = layer.conv();
  const auto taps = static_cast<size_t>(layer.in * layer.area);
  const std::vector<double> scales = scales_of(layer);
  const auto code = [&](size_t i) {
    const double scale = scales[i / taps];
    return scale > 0 ? static_cast<int>(std::nearbyint(conv.weights[i] / scale)) : 0;
  };
  std::vector<double> weight(kCodes);
  std::vector<int> fixed;
  for (size_t i = 0; i < conv.weights.size(); ++i) {
    const int c = std::clamp(code(i), -kZero, kLargest);
    weight[static_cast<size_t>(c + kZero)] += scales[i / taps] * scales[i / taps];
  }
  if (!conv.states_integers()) {
    for (const int end : {-kLargest, kLargest})
      if (weight[static_cast<size_t>(end + kZero)] > 0) fixed.push_back(end);
  }
  if (std::count(conv.weights.begin(), conv.weights.end(), 0.0f) > 0) fixed.push_back(0);
  const std::vector<int> book = best_codebook(weight, values, fixed);
  for (size_t i = 0; i < conv.weights.size(); ++i)
    conv.weights[i] = static_cast<float>(nearest(book, code(i)) * scales[i / taps]);
}

}  // namespace

std::vector<int> best_codebook(const std::vector<double>& weight, int count,
                               const std::vector<int>& fixed) {
  const Costs costs(weight, fixed);
  // cost[i][j]: of the codes between the neighbours i - 1 and j.
  std::vector<std::vector<double>> cost(kCodes + 1, std::vector<double>(kCodes + 1));
  for (int i = 0; i <= kCodes; ++i)
    for (int j = i; j <= kCodes; ++j) cost[i][j] = costs.between(i - 1, j);
  // best[j]: of all codes up to j, which is the m-th value; from[m][j]: the one before it.
  std::vector<double> best(cost[0].begin(), cost[0].end() - 1);
  std::vector<std::vector<int>> from(1, std::vector<int>(kCodes, -1));
  for (int m = 1; m < count; ++m) {
    std::vector<double> next(kCodes, INFINITY);
    from.emplace_back(kCodes, -1);
    for (int j = m; j < kCodes; ++j) {
      for (int i = m - 1; i < j; ++i) {
        const double sum = best[i] + cost[i + 1][j];
        if (sum >= next[j]) continue;
        next[j] = sum;
        from.back()[j] = i;
      }
    }
    best = std::move(next);
  }
  int last = count - 1;
  double least = INFINITY;
  for (int j = count - 1; j < kCodes; ++j) {
    const double sum = best[j] + cost[j + 1][kCodes];
    if (sum >= least) continue;
    least = sum;
    last = j;
  }
  std::vector<int> book;
  for (int m = count - 1; m >= 0; --m) {
    book.insert(book.begin(), last - kZero);
    last = from[m][last];
  }
  return book;
}

void share_weights(const std::vector<PruneLayer>& layers, const PruneSpec& spec) {
  for (const PruneLayer& layer : layers) share(layer, spec.values);
}

}  // namespace systole::prune
