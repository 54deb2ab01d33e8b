// SPDX-License-Identifier: Apache-2.0
// Splits the table, which the build takes out of the page.
#include "sim/report_page/silicon.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "sim/report_page/assets.h"

namespace systole::report_page {

Json silicon() {
  constexpr size_t kColumns = 8, kRatio = 6;
  std::istringstream lines{std::string(silicon_text())};
  std::string line;
  std::getline(lines, line);  // names, of which one has blanks
  Json rows = Json::array();
  std::vector<double> ratios;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string word; words >> word;) row.push_back(word);
    if (row.size() != kColumns) continue;
    ratios.push_back(std::stod(row[kRatio]));
    rows.push_back(row);
  }
  if (rows.empty()) return {};
  return {{"columns",
           {"point", "array", "KiB", "GB/s", "frames/s", "frames/s of NVDLA", "ratio",
            "frames/s at the reference"}},
          {"rows", rows},
          {"least", *std::min_element(ratios.begin(), ratios.end())},
          {"most", *std::max_element(ratios.begin(), ratios.end())}};
}

}  // namespace systole::report_page
