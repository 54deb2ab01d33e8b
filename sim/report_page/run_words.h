// SPDX-License-Identifier: Apache-2.0
// Words that several sentences on a run have.
#pragma once

#include <string>

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// 0 where there is nothing to divide by.
double quotient(double part, double whole);
/// Names and shares of the largest of `parts`: "dram 38.4 %, accumulators 35.9 %".
std::string largest_parts(const Json& parts, double whole, size_t count);
/// The bytes of a class that a run moves: "132.5 KiB".
std::string bytes_of(Figures& from, const char* kind);
/// The largest classes of bytes that it moves.
std::string shares_of_bytes(Figures& from);

}  // namespace systole::report_page
