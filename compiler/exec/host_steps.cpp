// SPDX-License-Identifier: Apache-2.0
// Softmax and log-softmax along one axis of an item.
#include "compiler/exec/host_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/arch/error.h"

namespace systole {

void apply_host_step(const HostStep& step, const std::vector<int64_t>& onnx_shape,
                     std::vector<float>& item) {
  const bool log = step.op == "log_softmax";
  if (!log && step.op != "softmax")
    throw Error(fmt::format("host step '{}' is not known", step.op));
  const auto rank = static_cast<int64_t>(onnx_shape.size());
  const int64_t axis = step.axis < 0 ? step.axis + rank : step.axis;
  if (axis < 1 || axis >= rank)
    throw Error(fmt::format("host step '{}': axis {}", step.op, step.axis));
  const auto size = static_cast<size_t>(onnx_shape[static_cast<size_t>(axis)]);
  size_t stride = 1;
  for (int64_t d = axis + 1; d < rank; ++d)
    stride *= static_cast<size_t>(onnx_shape[static_cast<size_t>(d)]);
  if (item.size() % (size * stride) != 0) {
    throw Error(fmt::format("host step '{}': output '{}' has {} values", step.op, step.tensor,
                            item.size()));
  }
  for (size_t row = 0; row < item.size() / size; ++row) {
    float* first = item.data() + row / stride * size * stride + row % stride;
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

}  // namespace systole
