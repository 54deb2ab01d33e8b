// SPDX-License-Identifier: Apache-2.0
// Counts through the magnitudes that a width holds, with both signs.
#include "compiler/topology/made_weights.h"

#include <cstddef>

namespace systole::topology {

std::vector<int8_t> make_weights(const WeightShape& shape, int bits) {
  const int64_t magnitudes = bits == 8 ? 9 : bits == 4 ? 7 : 1;
  std::vector<int8_t> weights(static_cast<size_t>(shape.filters * shape.taps));
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (at % shape.channels % shape.of >= shape.kept) continue;
    const auto magnitude = static_cast<int8_t>(1 + at % magnitudes);
    weights[i] = at / magnitudes % 2 == 0 ? magnitude : static_cast<int8_t>(-magnitude);
  }
  return weights;
}

}  // namespace systole::topology
