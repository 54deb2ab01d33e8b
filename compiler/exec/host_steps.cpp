// SPDX-License-Identifier: Apache-2.0
// Softmax and log-softmax along one axis of an item, by the host's operator; rounding to codes.
#include "compiler/exec/host_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "compiler/host/softmax.h"
#include "model/base/error.h"

namespace systole::exec {

namespace {

/// "round SCALE ZERO LEAST GREATEST reals|integers": the codes of the elements, or what they stand
/// for.
void round_to_codes(const program::HostStep& step, std::vector<float>& item) {
  std::istringstream text(step.op);
  std::string verb, what;
  float scale = 0, zero = 0, least = 0, greatest = 0;
  text >> verb >> scale >> zero >> least >> greatest >> what;
  if (!text || !(scale > 0) || !(least <= greatest) || (what != "reals" && what != "integers"))
    throw Error(
        fmt::format("host step '{}': expected round SCALE ZERO LEAST GREATEST and reals or "
                    "integers",
                    step.op));
  for (float& v : item) {
    const float code = std::clamp(std::nearbyint(v / scale) + zero, least, greatest);
    v = what == "integers" ? code : (code - zero) * scale;
  }
}

}  // namespace

void apply_host_step(const program::HostStep& step, const std::vector<int64_t>& onnx_shape,
                     std::vector<float>& item) {
  if (step.op.rfind("round ", 0) == 0) return round_to_codes(step, item);
  const bool log = step.op == "log_softmax";
  if (!log && step.op != "softmax")
    throw Error(fmt::format("host step '{}' is not known", step.op));
  const auto rank = static_cast<int64_t>(onnx_shape.size());
  const int64_t axis = step.axis < 0 ? step.axis + rank : step.axis;
  if (axis < 1 || axis >= rank)
    throw Error(fmt::format("host step '{}': axis {}", step.op, step.axis));
  const int64_t size = onnx_shape[static_cast<size_t>(axis)];
  int64_t stride = 1;
  for (int64_t d = axis + 1; d < rank; ++d) stride *= onnx_shape[static_cast<size_t>(d)];
  if (static_cast<int64_t>(item.size()) % (size * stride) != 0) {
    throw Error(fmt::format("host step '{}': output '{}' has {} values", step.op, step.tensor,
                            item.size()));
  }
  host::softmax_along(item, size, stride, log);
}

}  // namespace systole::exec
