// SPDX-License-Identifier: Apache-2.0
// The first sentence on a run.
#pragma once

#include "sim/report_page/limiter.h"

namespace systole::report_page {

/// What `limiter` is of `result`, which is a finished run, with its figures.
Sentence limiter_sentence(const Json& result, const Limiter& limiter);

}  // namespace systole::report_page
