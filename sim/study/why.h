// SPDX-License-Identifier: Apache-2.0
// One sentence on a row of a study: what its choice changed, and why not more.
#pragma once

#include <string>

#include "sim/study/figures.h"

namespace systole::study {

/// "stores 51 % fewer bytes; the array is busy 95 % of the time, so no cycle is saved": `figures`
/// beside those of the `first` row of the batch.
std::string why(const StudyFigures& figures, const StudyFigures& first);

/// The same of the first row itself: where its time goes.
std::string why_first(const StudyFigures& figures);

}  // namespace systole::study
