// SPDX-License-Identifier: Apache-2.0
// Figures come before what is known without a run: both have an area, which is the same.
#include "sim/sweep/limits.h"

#include <fmt/format.h>

#include "sim/results/figures.h"

namespace systole::sweep {

const std::vector<std::string>& limit_keys() {
  static const std::vector<std::string> kKeys = [] {
    std::vector<std::string> keys = PointValues::keys();
    for (const std::string figure : results::kFigures)
      if (figure != "bound_by" && figure != "energy_table") keys.push_back(figure);
    return keys;
  }();
  return kKeys;
}

std::vector<results::FailedLimit> failed_limits(const std::vector<expression::Expression>& limits,
                                                const SweepPoint& point,
                                                const nlohmann::ordered_json& figures,
                                                PointValues& values) {
  const auto lookup = [&](const std::string& key) -> std::optional<double> {
    const auto figure = figures.find(key);
    if (figure != figures.end() && figure->is_number()) return figure->get<double>();
    return values.find(point, key);
  };
  std::vector<results::FailedLimit> failed;
  for (const expression::Expression& limit : limits)
    if (limit.truth(lookup) != true) failed.push_back({limit.text(), limit.excess(lookup)});
  return failed;
}

std::string failed_limits_text(const nlohmann::ordered_json& failed) {
  std::string text;
  for (const auto& limit : failed) {
    text += (text.empty() ? "" : "; ") + limit.at("limit").get<std::string>();
    if (limit.contains("over"))
      text += fmt::format(" by {:.1f} %", 100 * limit.at("over").get<double>());
  }
  return text;
}

}  // namespace systole::sweep
