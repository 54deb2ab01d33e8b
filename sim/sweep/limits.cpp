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
      if (!results::is_word(figure)) keys.push_back(figure);
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

nlohmann::ordered_json failed_limits_json(const std::vector<results::FailedLimit>& failed) {
  auto list = nlohmann::ordered_json::array();
  for (const results::FailedLimit& one : failed) {
    nlohmann::ordered_json& limit = list.emplace_back();
    limit["limit"] = one.limit;
    if (one.over) limit["over"] = *one.over;
  }
  return list;
}

std::vector<results::FailedLimit> failed_limits_of(const nlohmann::ordered_json& list) {
  std::vector<results::FailedLimit> failed;
  for (const auto& limit : list) {
    failed.push_back({limit.at("limit").get<std::string>(), {}});
    if (limit.contains("over")) failed.back().over = limit.at("over").get<double>();
  }
  return failed;
}

std::string failed_limits_text(const nlohmann::ordered_json& failed) {
  std::string text;
  for (const results::FailedLimit& limit : failed_limits_of(failed)) {
    text += (text.empty() ? "" : "; ") + limit.limit;
    if (limit.over) text += fmt::format(" by {:.1f} %", 100 * *limit.over);
  }
  return text;
}

}  // namespace systole::sweep
