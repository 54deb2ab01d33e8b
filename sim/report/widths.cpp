// SPDX-License-Identifier: Apache-2.0
// Looks for the narrowest weights and activations.
#include "sim/report/widths.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::report {

std::string widths_text(const std::vector<const graph::QGraph*>& graphs) {
  int weights = 8, activations = 8;
  for (const graph::QGraph* graph : graphs) {
    for (const graph::QOp& op : graph->ops) {
      if (!op.is<graph::QConv>() || op.conv().only_bias) continue;
      weights = std::min(weights, op.conv().weight_type.bits());
      activations =
          std::min(activations, graph->tensors[static_cast<size_t>(op.conv().in)].type.bits());
    }
  }
  if (weights == 8 && activations == 8) return "int8";
  return fmt::format("w{}a{}", weights, activations);
}

}  // namespace systole::report
