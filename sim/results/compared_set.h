// SPDX-License-Identifier: Apache-2.0
// Results that are there to be compared: the one of a run, or those of a database.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/results/compare.h"

namespace systole::results {

/// Results by the identity of their configuration.
class ComparedSet {
 public:
  virtual ~ComparedSet() = default;
  /// "a database" or "a result".
  virtual const char* kind() const = 0;
  /// Sorted.
  virtual std::vector<std::string> keys() = 0;
  virtual Compared load(const std::string& key) = 0;
};

/// `name`: result.json of `run -o`, a database, "FILE.db:POINT" of one point of it, or a directory
/// with one of them. Throws Error.
std::unique_ptr<ComparedSet> open_compared(const std::string& name);

/// Two sets: points by key, and what those of both differ in, the heaviest first.
struct SetDifference {
  size_t equal = 0;
  std::vector<std::string> only_a, only_b;  ///< names
  std::vector<Difference> differences;

  bool empty() const { return only_a.empty() && only_b.empty() && differences.empty(); }
  /// What is not the same to the cycle.
  bool cycles_differ() const;
};

/// Of one result each, the two are compared whatever their configurations are. Throws Error if they
/// are not of one kind.
SetDifference difference(ComparedSet& a, ComparedSet& b);

nlohmann::ordered_json to_json(const SetDifference& difference);

}  // namespace systole::results
