// SPDX-License-Identifier: Apache-2.0
// Words bytes and shares.
#include "sim/report_page/run_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/report/format.h"

namespace systole::report_page {

double quotient(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::string largest_parts(const Json& parts, double whole, size_t count) {
  std::vector<std::pair<std::string, double>> sorted;
  for (const auto& [name, value] : parts.items())
    if (name != "total" && value.get<double>() > 0) sorted.emplace_back(name, value.get<double>());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  sorted.resize(std::min(sorted.size(), count));
  std::vector<std::string> words;
  for (auto& [name, value] : sorted) {
    std::replace(name.begin(), name.end(), '_', ' ');
    words.push_back(fmt::format("{} {}", name, percent_text(quotient(value, whole))));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string bytes_of(Figures& from, const char* kind) {
  return report::bytes_text(from.integer(fmt::format("/totals/dram_bytes/{}", kind)));
}

std::string shares_of_bytes(Figures& from) {
  return largest_parts(from.at("/totals/dram_bytes"), from.real("/totals/dram_bytes/total"), 3);
}

}  // namespace systole::report_page
