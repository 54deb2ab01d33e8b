// SPDX-License-Identifier: Apache-2.0
// Points and their figures in words.
#pragma once

#include <string>

#include "sim/report_page/points.h"

namespace systole::report_page {

/// A sentence in the making: figures that it has asked for, under "/KEY/ROW".
struct Words {
  const Points& points;
  Json figures = Json::object();

  double value(const PointColumn& column, size_t row);
  /// "0.04849 ms".
  std::string figure(const PointColumn& column, size_t row);
};

/// What a point is besides its case: "point 3: edge-16x16, weights 4".
std::string name_of(const Points& points, size_t row);

/// `text`, which begins with a small letter, as what is said of a case.
std::string of_case(const PointCase& one, std::string text);

}  // namespace systole::report_page
