// SPDX-License-Identifier: Apache-2.0
// Softmax and log-softmax on the host.
#include "sim/cli/host_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/arch/error.h"

namespace systole {
namespace {

// Softmax over `count` values, `stride` apart.
void softmax(float* values, int64_t count, int64_t stride, bool logarithm) {
  float largest = values[0];
  for (int64_t i = 1; i < count; ++i) largest = std::max(largest, values[i * stride]);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += std::exp(double{values[i * stride]} - largest);
  for (int64_t i = 0; i < count; ++i) {
    const double shifted = double{values[i * stride]} - largest;
    values[i * stride] =
        static_cast<float>(logarithm ? shifted - std::log(sum) : std::exp(shifted) / sum);
  }
}

}  // namespace

void apply_host_steps(const Program& program, const TensorInfo& tensor,
                      std::vector<float>& values) {
  for (const HostStep& step : program.host_steps) {
    if (step.tensor != tensor.name) continue;
    if (step.op != "softmax" && step.op != "log_softmax")
      throw Error(fmt::format("{}: host step '{}' is unknown, expected softmax or log_softmax",
                              program.name, step.op));
    const auto& shape = tensor.onnx_shape;
    const auto rank = static_cast<int64_t>(shape.size());
    const int64_t axis = step.axis < 0 ? step.axis + rank : step.axis;
    if (axis < 1 || axis >= rank)
      throw Error(fmt::format("{}: softmax of '{}' along axis {}, expected 1..{}", program.name,
                              tensor.name, step.axis, rank - 1));
    int64_t inner = 1;
    for (int64_t d = axis + 1; d < rank; ++d) inner *= shape[static_cast<size_t>(d)];
    const int64_t count = shape[static_cast<size_t>(axis)];
    for (int64_t outer = 0; outer + count * inner <= static_cast<int64_t>(values.size());
         outer += count * inner)
      for (int64_t i = 0; i < inner; ++i)
        softmax(values.data() + outer + i, count, inner, step.op == "log_softmax");
  }
}

int64_t argmax(const std::vector<float>& values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

}  // namespace systole
