// SPDX-License-Identifier: Apache-2.0
// Points of a sweep as configurations of a database: what they are, not where they stand.
#pragma once

#include <map>
#include <string>

#include "sim/results/configuration.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

/// The architecture and what is changed of it.
std::string hardware_text(const SweepPoint& point);

/// Reads every file once.
class Identifier {
 public:
  /// Equal for points that must give equal results: the content of files counts, and what an
  /// architecture comes to. Throws Error if a file cannot be read; hardware that cannot be made is
  /// told by its text.
  results::Configuration configuration(const SweepPoint& point);

 private:
  results::Part network(const SweepPoint& point);
  results::Part energy_table(const SweepPoint& point);
  results::Machine machine(const SweepPoint& point);

  std::map<std::string, std::string> files_;
  std::map<std::string, results::Machine> machines_;
};

}  // namespace systole::sweep
