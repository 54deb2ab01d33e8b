// SPDX-License-Identifier: Apache-2.0
// Takes a rehearsal apart by layer.
#include "compiler/lower/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/core/cycle_owner.h"

namespace systole::lower {

std::vector<double> estimate_layers(const std::vector<Layer>& layers, const TileProgram& program,
                                    const RehearsalResult& rehearsal) {
  std::vector<core::RetireEvent> retired;
  Cycle cycles = 0;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const auto begin = static_cast<Cycle>(std::llround(rehearsal.begins[k]));
    const auto end = static_cast<Cycle>(std::llround(rehearsal.ends[k]));
    retired.push_back({static_cast<uint32_t>(k), unit_of(program.ops[k].instruction),
                       program.ops[k].tag, begin, end});
    cycles = std::max(cycles, end + 1);
  }
  std::vector<double> by_tag(layers.size() + 1);
  for (const core::OwnedCycles& owned : core::cycle_owners(retired, cycles))
    by_tag[owned.tag] += static_cast<double>(owned.to - owned.from);
  std::vector<double> by_layer;
  for (const Layer& layer : layers) by_layer.push_back(by_tag[layer.tag]);
  return by_layer;
}

std::string to_text(const std::vector<Layer>& layers, const std::vector<double>& cycles) {
  std::string text;
  for (size_t i = 0; i < layers.size(); ++i)
    text += fmt::format("layer {} '{}': estimated {:.0f} cycles\n", layers[i].tag,
                        layers[i].op->name, cycles[i]);
  return text + fmt::format("estimated {:.0f} cycles in all\n",
                            std::accumulate(cycles.begin(), cycles.end(), 0.0));
}

}  // namespace systole::lower
