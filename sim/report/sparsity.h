// SPDX-License-Identifier: Apache-2.0
// Zeros and patterns of a network's weights as table and JSON, and what they do not gain.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/weight_patterns.h"

namespace systole::report {

/// What of `layer` the hardware makes no use of, a sentence each.
std::vector<std::string> not_gained(const WeightPatterns& layer);

/// The same of all layers of a network together.
std::vector<std::string> not_gained(const std::vector<std::optional<WeightPatterns>>& layers);

/// How the weights of a network are stored.
struct StoredWeights {
  int64_t bytes = 0;
  std::map<std::string, int> formats;  ///< layers by format
  /// "dense:3 masked:6".
  std::string formats_text() const;
};
StoredWeights stored_weights(const std::vector<std::optional<WeightPatterns>>& layers);

/// A row for each layer with weights, then what the network's zeros do not gain. `width`: of the
/// terminal that it is for (columns.h).
std::string sparsity_table(const std::vector<std::optional<WeightPatterns>>& layers,
                           size_t width = 0);

/// docs/result.schema.json, "weights" of a layer.
nlohmann::ordered_json weights_json(const WeightPatterns& layer);

/// Adds `layers` to the layers of a result, which are the same and in the same order.
void add_weights(const std::vector<std::optional<WeightPatterns>>& layers,
                 nlohmann::ordered_json& result);

}  // namespace systole::report
