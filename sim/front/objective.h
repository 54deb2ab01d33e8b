// SPDX-License-Identifier: Apache-2.0
// What points are weighed by: figures of a row, each to be as small or as large as can be.
#pragma once

#include <string>
#include <vector>

namespace systole::front {

struct Objective {
  std::string name;    ///< "latency"
  std::string figure;  ///< of a row: "latency_ms" (sim/results/figures.h)
  bool maximise = false;

  /// What is to be as small as can be.
  double cost(double figure_value) const { return maximise ? -figure_value : figure_value; }
};

/// All that there are.
const std::vector<Objective>& objectives();
/// That of `name`, its own or its figure's. Throws Error that names all.
Objective find_objective(const std::string& name);
/// Those of a list with commas between, each once. Throws Error.
std::vector<Objective> parse_objectives(const std::string& list);

}  // namespace systole::front
