// SPDX-License-Identifier: Apache-2.0
// What the layers of a network say in words: what quantising costs it, and which of them costs
// most.
#pragma once

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// Of what `accuracy --layers --json` writes (docs/precision.md). Throws Json::exception.
Answer layers_answer(const Json& result);

}  // namespace systole::report_page
