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
  /// What a layer may be pruned by, beside widths; empty, and no `narrow_inputs`: widths alone.
  std::vector<std::string> prunes;
  bool narrow_inputs = false;
  uint64_t seed = 1;
  uint64_t float32_right = 0;  ///< of the calibration images
  SearchResult result;
  std::optional<SearchTest> test;

  /// Whether it chose more than widths.
  bool is_joint() const { return !prunes.empty() || narrow_inputs; }
};

inline double percent(double right, uint64_t images) {
  return 100.0 * right / static_cast<double>(images);
}
/// "w4a4 nm:2:4".
std::string layer_text(const SearchReport& report, const LayerChoice& layer);

/// "3 w8a8, 5 w4a4 nm:2:4": how many layers are stored how, widest first.
std::string choice_summary(const SearchReport& report, const Choice& choice);
/// "nm:2:4@/conv1": what `point` asks --prune for, each in its order.
std::vector<std::string> prune_requests(const SearchReport& report, size_t point);
/// Those of the front that has widths alone to choose.
std::vector<size_t> front_of_widths(const SearchReport& report);
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
