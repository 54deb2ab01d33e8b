// SPDX-License-Identifier: Apache-2.0
// Division that rounds up.
#pragma once

#include <cstdint>

namespace systole {

/// Of numbers that are not negative.
constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace systole
