// SPDX-License-Identifier: Apache-2.0
// Softmax with sums in double, shifted by the largest element.
#include "compiler/host/softmax.h"

#include <algorithm>
#include <cmath>

namespace systole::host {

void softmax_along(std::vector<float>& values, int64_t size_given, int64_t stride_given, bool log) {
  const auto size = static_cast<size_t>(size_given), stride = static_cast<size_t>(stride_given);
  if (size == 0) return;
  for (size_t row = 0; row < values.size() / size; ++row) {
    float* first = values.data() + row / stride * size * stride + row % stride;
    float largest = first[0];
    for (size_t i = 0; i < size; ++i) largest = std::max(largest, first[i * stride]);
    double sum = 0;
    for (size_t i = 0; i < size; ++i) sum += std::exp(double{first[i * stride]} - largest);
    for (size_t i = 0; i < size; ++i) {
      const double shifted = double{first[i * stride]} - largest;
      first[i * stride] =
          static_cast<float>(log ? shifted - std::log(sum) : std::exp(shifted) / sum);
    }
  }
}

}  // namespace systole::host
