// SPDX-License-Identifier: Apache-2.0
// Takes the ends of a rehearsal apart by layer.
#include "compiler/lower/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace systole {

std::vector<double> estimate_layers(const std::vector<Layer>& layers, const TileProgram& program,
                                    const RehearsalResult& rehearsal) {
  std::vector<double> ends(layers.size() + 1);  // by tag
  for (size_t k = 0; k < program.ops.size(); ++k) {
    double& end = ends[program.ops[k].tag];
    end = std::max(end, rehearsal.ends[k] + 1);
  }
  std::vector<double> cycles;
  double before = 0;
  for (const Layer& layer : layers) {
    const double end = std::max(before, ends[layer.tag]);
    cycles.push_back(end - before);
    before = end;
  }
  return cycles;
}

std::string to_text(const std::vector<Layer>& layers, const std::vector<double>& cycles) {
  std::string text;
  for (size_t i = 0; i < layers.size(); ++i)
    text += fmt::format("layer {} '{}': estimated {:.0f} cycles\n", layers[i].tag,
                        layers[i].op->name, cycles[i]);
  return text + fmt::format("estimated {:.0f} cycles in all\n",
                            std::accumulate(cycles.begin(), cycles.end(), 0.0));
}

}  // namespace systole
