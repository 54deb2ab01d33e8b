// SPDX-License-Identifier: Apache-2.0
// How far from silicon the model is known to be: a table of docs/quality.md.
#pragma once

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// {"columns": [name...], "rows": [[text...]...], "least", "most": of the ratios}: the published
/// points of NVDLA against this machine's.
Json silicon();

}  // namespace systole::report_page
