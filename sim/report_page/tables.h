// SPDX-License-Identifier: Apache-2.0
// The tables of a page as CSV, and all of it as Markdown.
#pragma once

#include <string>

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// `data`: of page_data. The table of layers of a run or of a comparison, the one of points: a
/// header, then values as they are.
std::string csv_of(const Json& data);

/// Title, sentences, and tables with figures as people read them.
std::string markdown_of(const Json& data);

}  // namespace systole::report_page
