// SPDX-License-Identifier: Apache-2.0
// What units and memory did over the time of a run and of each of its layers, in as many steps as a
// chart can show (docs/report.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/trace/traced_run.h"

namespace systole::trace {

inline constexpr int kOverTimeVersion = 1;

/// Collects the stages of a run, one after the other.
class OverTime {
 public:
  OverTime();

  /// Adds a stage, from 0, whose run has finished: a window for all of it and one for each layer,
  /// from the first cycle that belongs to the layer to the last.
  void add(size_t stage, const TracedRun& run);
  /// "schema", "schema_version", "cycles" of all stages, and "windows": each with its name, stage,
  /// cycles and the width of its steps; by unit and cause the cycles, and the bytes that crossed
  /// the bus, row hits and accesses, of each step.
  const nlohmann::ordered_json& json() const { return json_; }

 private:
  nlohmann::ordered_json json_;
};

}  // namespace systole::trace
