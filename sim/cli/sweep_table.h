// SPDX-License-Identifier: Apache-2.0
// The rows of a sweep on standard output, in the order of the points.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/streams.h"
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
  void print(const std::string& number, const std::string& network, const std::string& hardware,
             const std::string& batch, const std::string& figures) const;

  const std::vector<sweep::SweepPoint>& points_;
  const bool json_;
  const bool tells_accuracy_;  ///< some point has data
  const Say say_;
  std::vector<std::optional<nlohmann::ordered_json>> rows_;
  size_t next_ = 0;
  size_t network_width_ = 7, hardware_width_ = 8;  ///< of the heads
};

/// Warns in a line, if rows have a given clock above the derived one; `what`: they are of.
void tell_clocks(const std::vector<nlohmann::ordered_json>& rows, const char* what);

}  // namespace systole::cli
