// SPDX-License-Identifier: Apache-2.0
// The class that a network's output names.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace systole {

/// Index of the largest value, the first of equals.
inline int64_t argmax(const std::vector<float>& values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

}  // namespace systole
