// SPDX-License-Identifier: Apache-2.0
// What many points say: the best of each figure, the front, what bounds them, what failed.
#pragma once

#include "sim/report_page/points.h"

namespace systole::report_page {

/// Figures of a sentence stand under "/KEY/ROW", row counted from 0.
Answer points_answer(const Points& points);

}  // namespace systole::report_page
