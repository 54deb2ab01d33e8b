// SPDX-License-Identifier: Apache-2.0
// Times of the core, in cycles of its clock.
#pragma once

#include <cstdint>

namespace systole {

using Cycle = uint64_t;

/// The cycle of what is not known, or will not happen.
inline constexpr Cycle kNever = ~Cycle{0};

/// The earlier of `a` and `b` that is later than `t`; a time that has passed is no event.
constexpr Cycle earlier_after(Cycle t, Cycle a, Cycle b) { return b > t && b < a ? b : a; }

}  // namespace systole
