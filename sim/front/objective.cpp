// SPDX-License-Identifier: Apache-2.0
// A table of them.
#include "sim/front/objective.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::front {

const std::vector<Objective>& objectives() {
  static const std::vector<Objective> kAll = {
      {"latency", "latency_ms"},
      {"energy", "energy_per_inference_uj"},
      {"area", "area_mm2"},
      {"power", "average_power_mw"},
      {"dram_bytes", "dram_bytes"},
      {"bandwidth", "bytes_per_cycle"},
      {"throughput", "inferences_per_s", true},
      {"steady_latency", "steady_latency_ms"},
      {"steady_throughput", "steady_inferences_per_s", true},
      {"accuracy", "top1", true},
      {"metric", "metric", true},
  };
  return kAll;
}

Objective find_objective(const std::string& name) {
  std::vector<std::string> names;
  for (const Objective& one : objectives()) {
    if (name == one.name || name == one.figure) return one;
    names.push_back(one.name);
  }
  throw Error(fmt::format("'{}' is no objective, expected one of {}{}", name,
                          fmt::join(names, ", "), did_you_mean(name, names)));
}

std::vector<Objective> parse_objectives(const std::string& list) {
  std::vector<Objective> found;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    found.push_back(find_objective(word));
    const auto same = [&](const Objective& one) { return one.figure == found.back().figure; };
    if (std::count_if(found.begin(), found.end(), same) > 1)
      throw Error(fmt::format("{} is there twice, expected each objective once", word));
  }
  if (found.empty()) throw Error("no objective, expected one at least");
  return found;
}

}  // namespace systole::front
