// SPDX-License-Identifier: Apache-2.0
// What two results differ in: configuration, totals, causes, layers, the heaviest first.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace systole::results {

/// Cycles by "UNIT_CAUSE".
using Causes = std::map<std::string, int64_t>;

struct ComparedLayer {
  std::string name;
  int64_t cycles = 0;
  std::map<std::string, nlohmann::json> figures;  ///< others: MACs, bytes, bounds
  Causes causes;
};

/// A result as values by name.
struct Compared {
  std::string name;
  std::map<std::string, nlohmann::json> configuration, totals;
  Causes causes;  ///< of all units
  std::vector<ComparedLayer> layers;
};

/// A value that is not the same; null where one has none.
// clang-tidy takes moves of JSON, which its library declares noexcept, to throw.
struct Change {  // NOLINT(bugprone-exception-escape)
  std::string name;
  nlohmann::json a, b;
  double weight = 0;

  /// b - a of numbers, else 0.
  double difference() const;
};

struct LayerChange {  // NOLINT(bugprone-exception-escape): as Change
  Change cycles;      ///< its name is the layer's
  std::vector<Change> figures, causes;
};

struct Difference {
  std::string name;  ///< of the point, or of both results
  std::vector<Change> configuration;
  std::vector<Change> totals;  ///< cycles first, then by share of the larger value
  std::vector<Change> causes;  ///< by cycles
  std::vector<LayerChange> layers;
  bool cycles_differ = false;

  bool empty() const {
    return configuration.empty() && totals.empty() && causes.empty() && layers.empty();
  }
  /// Cycles between the two.
  double weight() const;
};

/// Layers are matched by name, those of one name in their order.
Difference difference(const Compared& a, const Compared& b);

nlohmann::ordered_json to_json(const Difference& difference);

}  // namespace systole::results
