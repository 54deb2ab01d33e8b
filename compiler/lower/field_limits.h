// SPDX-License-Identifier: Apache-2.0
// What the fields of instructions hold at most (model/isa/isa.toml).
#pragma once

#include <cstdint>

namespace systole::lower {

inline constexpr int64_t kField8 = 255;      ///< kernel, stride, dilation, rows packed together
inline constexpr int64_t kField16 = 65535;   ///< counts, pixels, bytes of a pixel
inline constexpr int64_t kLineBytes = 4096;  ///< a row and a window of load_window

}  // namespace systole::lower
