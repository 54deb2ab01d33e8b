// SPDX-License-Identifier: Apache-2.0
// How large windows of operators may be.
#pragma once

#include <cstdint>

namespace systole::graph {

/// The largest kernel, stride and dilation, as of a tensor's rows and columns.
inline constexpr int64_t kMaxStep = 65535;

}  // namespace systole::graph
