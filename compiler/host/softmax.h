// SPDX-License-Identifier: Apache-2.0
// Softmax and log-softmax in float32.
#pragma once

#include <cstdint>
#include <vector>

namespace systole::host {

/// Applies softmax (or its logarithm) in place to every group of `size` elements that are `stride`
/// apart; the groups of a tensor along one axis, `stride` the elements of the dimensions behind it.
void softmax_along(std::vector<float>& values, int64_t size, int64_t stride, bool log);

}  // namespace systole::host
