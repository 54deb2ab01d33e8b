// SPDX-License-Identifier: Apache-2.0
// Takes a verdict apart by layer.
#include "compiler/lower/layer_cycles.h"

#include <fmt/format.h>

#include <numeric>

#include "model/core/cycle_owner.h"

namespace systole::lower {

std::vector<Cycle> layer_cycles(const std::vector<Layer>& layers, const Verdict& verdict) {
  std::vector<Cycle> by_tag(layers.size() + 1);
  for (const core::OwnedCycles& owned : core::cycle_owners(verdict.retired, verdict.cycles))
    by_tag[owned.tag] += owned.to - owned.from;
  std::vector<Cycle> by_layer;
  by_layer.reserve(layers.size());
  for (const Layer& layer : layers) by_layer.push_back(by_tag[layer.tag]);
  return by_layer;
}

std::string to_text(const std::vector<Layer>& layers, const std::vector<Cycle>& cycles) {
  std::string text;
  for (size_t i = 0; i < layers.size(); ++i)
    text += fmt::format("layer {} '{}': {} cycles\n", layers[i].tag, layers[i].op->name, cycles[i]);
  return text +
         fmt::format("{} cycles in all\n", std::accumulate(cycles.begin(), cycles.end(), Cycle{0}));
}

}  // namespace systole::lower
