// SPDX-License-Identifier: Apache-2.0
// Words a point.
#include "sim/report_page/point_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "sim/report/format.h"

namespace systole::report_page {
namespace {

bool is_parameter(const std::string& key) {
  return key.find('.') != std::string::npos || key == "clock_mhz" || key == "memory";
}

}  // namespace

double Words::value(const PointColumn& column, size_t row) {
  figures[fmt::format("/{}/{}", column.key, row)] = column.values[row];
  return column.values[row].get<double>();
}

std::string Words::figure(const PointColumn& column, size_t row) {
  const double number = value(column, row);
  if (column.unit == "bytes") return report::bytes_text(static_cast<int64_t>(number));
  if (column.unit == "share") return percent_text(number);
  if (column.unit == "percent") return number_text(number) + " %";
  return number_text(number) + (column.unit.empty() ? "" : " " + column.unit);
}

std::string name_of(const Points& points, size_t row) {
  std::vector<std::string> parts;
  for (const PointColumn& column : points.columns) {
    const bool is_case =
        std::count(points.case_keys.begin(), points.case_keys.end(), column.key) > 0;
    if (column.role != Role::kConfiguration || is_case || is_parameter(column.key)) continue;
    const Json& value = column.values[row];
    if (value.is_string() && !value.get_ref<const std::string&>().empty())
      parts.push_back(report::printable(value.get<std::string>()));
    else if (value.is_number())
      parts.push_back(fmt::format("{} {}", column.label, value.dump()));
  }
  const PointColumn* number = points.find("point");
  if (number == nullptr) number = points.find("row");
  const std::string name = fmt::format("{}", fmt::join(parts, ", "));
  return number == nullptr
             ? name
             : fmt::format("{} {}: {}", number->key, number->values[row].dump(), name);
}

std::string of_case(const PointCase& one, std::string text) {
  if (!one.label.empty()) return report::printable(one.label) + ": " + text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace systole::report_page
