// SPDX-License-Identifier: Apache-2.0
// What one run says: what bounds it, what it would gain from what, where its cycles and bytes went.
#pragma once

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// Of `result` (docs/result.schema.json), which has come to an end or not. Throws Json::exception.
Answer run_answer(const Json& result);

}  // namespace systole::report_page
