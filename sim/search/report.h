// SPDX-License-Identifier: Apache-2.0
// A search as text, JSON and CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/search/search.h"

namespace systole::search {

/// What the images that the search never saw say of some of its points.
struct SearchTest {
  struct Row {
    std::string name;  ///< "int8", "uniform w4a4", "no dearer than it", "chosen"
    size_t point;
    uint64_t right;
  };
  uint64_t images = 0, float32_right = 0;
  std::vector<Row> rows;
};

struct SearchReport {
  std::string network, arch, objective, range_method;
  bool bias_correction = false;
  double clock_mhz = 0;
  int64_t batch = 1;
  std::string energy_table;  ///< empty: energy was not estimated
  SearchOptions options;
  std::vector<std::string> layers;
  uint64_t float32_right = 0;  ///< of the calibration images
  SearchResult result;
  std::optional<SearchTest> test;
};

/// "3 w8a8, 5 w4a4": how many layers have which widths, widest first.
std::string widths_summary(const Choice& choice);
/// "int8", "uniform w4a4".
std::string uniform_name(const SearchReport& report, size_t point);
/// Points that the test images should see: the uniform ones, for each narrow one the most accurate
/// of the front that costs no more, and the chosen one. Rows without `right`.
std::vector<SearchTest::Row> test_points(const SearchReport& report);

/// The front, the uniform points, the chosen one by layer, and the test.
std::string search_text(const SearchReport& report);
nlohmann::ordered_json search_json(const SearchReport& report);
/// A line for each point, below a header.
std::string search_csv(const SearchReport& report);

}  // namespace systole::search
