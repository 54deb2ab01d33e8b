// SPDX-License-Identifier: Apache-2.0
// Points of a sweep or rows of a study as columns: what each point is, and its figures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// What a column says of a point.
enum class Role { kName, kConfiguration, kFigure, kRemark };
/// Which end of a figure is wanted.
enum class Wanted { kNeither, kLow, kHigh };

/// A column of points. Values: numbers, texts, or null.
struct PointColumn {
  std::string key;    ///< "latency_ms"
  std::string label;  ///< "latency"
  std::string unit;   ///< "ms"; "": none; "bytes", "share" and "percent" are shown so
  Role role = Role::kFigure;
  Wanted wanted = Wanted::kNeither;
  std::vector<Json> values;  ///< one a point
};

/// Points as columns. Those that finished and fail no limit have no text in "reason" and "limits".
struct Points {
  std::string name;  ///< where they are from
  std::vector<PointColumn> columns;
  std::vector<std::string> case_keys;        ///< columns of which equal ones make points comparable
  std::map<std::string, std::string> paths;  ///< of networks, by file name: where they were
  /// Of a study that looked for it: "axis", "low", "high", and "rows": [{"row", "from", "to"} or
  /// {"row", "failure"}], rows from 0; neither: it gains nowhere. Else null.
  Json break_even = {};
  size_t rows = 0;

  /// The column, or null if there is none.
  const PointColumn* find(const std::string& key) const;
  PointColumn* find(const std::string& key);
  /// Adds a column, whose label, unit and end that is wanted are those of `key`.
  PointColumn& add(const std::string& key, Role role);
  /// Whether figures of the point may be compared: it has come to its end and fails no limit.
  bool is_good(size_t row) const;
};

/// Takes out columns without a value, and of configuration those that are the same for all points:
/// values by label.
std::map<std::string, Json> take_constants(Points& points);

/// Points that may be compared with each other: their label and rows, in the order of the first.
struct PointCase {
  std::string label;
  std::vector<size_t> rows;
};
std::vector<PointCase> cases_of(const Points& points);

}  // namespace systole::report_page
