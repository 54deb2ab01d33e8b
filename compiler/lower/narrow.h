// SPDX-License-Identifier: Apache-2.0
// Checked conversion of a computed number to the type of an instruction field.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "model/base/error.h"

namespace systole::lower {

/// `value` as a To; throws Error (cannot compile) if it does not fit. `what` names the quantity.
template <class To>
To narrow(int64_t value, const char* what) {
  if (!std::in_range<To>(value))
    throw Error(fmt::format("{} of {} does not fit its instruction field", what, value),
                ExitCode::kCannotCompile);
  return static_cast<To>(value);
}

}  // namespace systole::lower
