// SPDX-License-Identifier: Apache-2.0
// Zeros single weights by magnitude.
#include "compiler/prune/magnitude.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace systole::prune {
namespace {

void zero_least(const std::vector<std::vector<float>*>& tensors, double amount) {
  std::vector<float> magnitudes;
  for (const auto* weights : tensors)
    for (const float w : *weights) magnitudes.push_back(std::fabs(w));
  const auto count =
      static_cast<size_t>(std::llround(amount * static_cast<double>(magnitudes.size())));
  if (count == 0) return;
  const auto last = magnitudes.begin() + static_cast<std::ptrdiff_t>(count) - 1;
  std::nth_element(magnitudes.begin(), last, magnitudes.end());
  const float threshold = *last;
  // Those below the threshold all go, of those at it as many as are left.
  size_t equal = count - static_cast<size_t>(std::count_if(magnitudes.begin(), last,
                                                           [&](float m) { return m < threshold; }));
  for (auto* weights : tensors) {
    for (float& w : *weights) {
      const float magnitude = std::fabs(w);
      if (magnitude > threshold || (magnitude == threshold && equal == 0)) continue;
      if (magnitude == threshold) --equal;
      w = 0.0f;
    }
  }
}

}  // namespace

void prune_unstructured(const std::vector<PruneLayer>& layers, double amount) {
  for (const PruneLayer& layer : layers) zero_least({&layer.weights()}, amount);
}

void prune_global_unstructured(const std::vector<PruneLayer>& layers, double amount) {
  std::vector<std::vector<float>*> tensors;
  tensors.reserve(layers.size());
  for (const PruneLayer& layer : layers) tensors.push_back(&layer.weights());
  zero_least(tensors, amount);
}

std::string unfit_for_nm(const PruneLayer& layer, const PruneSpec& spec) {
  if (layer.in % spec.of == 0) return "";
  return fmt::format("{} input channels{} are not a multiple of {}", layer.in,
                     layer.conv().group > 1 ? " of a group" : "", spec.of);
}

void prune_nm(const std::vector<PruneLayer>& layers, const PruneSpec& spec) {
  for (const PruneLayer& layer : layers) {
    std::vector<float>& weights = layer.weights();
    std::vector<size_t> group(static_cast<size_t>(spec.of));
    for (int64_t o = 0; o < layer.out; ++o) {
      for (int64_t tap = 0; tap < layer.area; ++tap) {
        for (int64_t c = 0; c < layer.in; c += spec.of) {
          for (int64_t k = 0; k < spec.of; ++k)
            group[static_cast<size_t>(k)] =
                static_cast<size_t>((o * layer.in + c + k) * layer.area + tap);
          std::stable_sort(group.begin(), group.end(), [&](size_t a, size_t b) {
            return std::fabs(weights[a]) > std::fabs(weights[b]);
          });
          std::for_each(group.begin() + spec.keep, group.end(),
                        [&](size_t i) { weights[i] = 0.0f; });
        }
      }
    }
  }
}

}  // namespace systole::prune
