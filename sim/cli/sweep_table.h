// SPDX-License-Identifier: Apache-2.0
// The rows of a sweep on standard output, in the order of the points.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/streams.h"
#include "sim/report/columns.h"
#include "sim/sweep/spec.h"

namespace systole::cli {

/// Prints each row as soon as those before it are there.
class SweepTable {
 public:
  /// `points` outlive it. `json`: rows as they are, one a line. `writes_files`: the rows are in
  /// files too.
  SweepTable(const std::vector<sweep::SweepPoint>& points, bool json, bool writes_files);
  void add(const nlohmann::ordered_json& row);

 private:
  std::string text_of(size_t number, const nlohmann::ordered_json& row) const;

  const std::vector<sweep::SweepPoint>& points_;
  const bool json_;
  const size_t width_;  ///< of the terminal
  const report::Table table_;
  const Say say_;
  std::vector<std::optional<nlohmann::ordered_json>> rows_;
  size_t next_ = 0;
};

/// Warns in a line, if rows have a given clock above the derived one; `what`: they are of.
void tell_clocks(const std::vector<nlohmann::ordered_json>& rows, const char* what);

}  // namespace systole::cli
