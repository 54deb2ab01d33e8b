// SPDX-License-Identifier: Apache-2.0
// Shares and rates.
#pragma once

namespace systole::report {

/// a / b; 0 of nothing.
inline double ratio(double a, double b) { return b > 0 ? a / b : 0; }

}  // namespace systole::report
