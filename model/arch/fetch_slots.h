// SPDX-License-Identifier: Apache-2.0
// How far instructions are fetched ahead.
#pragma once

#include <algorithm>

#include "model/arch/geometry.h"
#include "model/base/ceil_div.h"
#include "model/isa/hw_params.h"
#include "model/isa/names.h"

namespace systole::arch {

inline constexpr int kFetchAhead = 16;  ///< instructions

/// Burst slots of fetch: two, or as many as hold kFetchAhead instructions, at most
/// axi.outstanding. A program that filled more of them at its start would keep the first loads
/// waiting (docs/timing.md, "Burst reader").
inline int fetch_slots(const isa::HwParams& hw) {
  const int64_t burst = Geometry(hw).burst_bytes;
  const int64_t filled = ceil_div(kFetchAhead * int64_t{isa::kInstructionBytes}, burst);
  return static_cast<int>(std::min<int64_t>(hw.outstanding, std::max<int64_t>(2, filled)));
}

}  // namespace systole::arch
