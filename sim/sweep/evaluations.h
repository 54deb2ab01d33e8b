// SPDX-License-Identifier: Apache-2.0
// Accuracy that tasks of a sweep share: found once, before the first of them is run.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/process/worker_pool.h"
#include "sim/results/store.h"

namespace systole::sweep {

class Evaluations {
 public:
  /// `store` outlives it.
  explicit Evaluations(results::Store& store) : store_(store) {}

  /// `task` needs that of `identity` (Configuration::evaluation); empty: none.
  void add(size_t task, const std::string& identity);

  /// Whether nothing is missing for `task`; what is in the database need not be found. If it is
  /// missing and nobody looks for it, `begin` is set to its number: it is to be found for `task`.
  bool is_there(size_t task, std::optional<size_t>& begin);
  /// How many are found or have failed: workers that were there before know of fewer.
  size_t ended() const { return ended_; }
  /// The task that evaluation `number` is to be found for.
  size_t task_of(size_t number) const { return all_[number].task; }
  /// `result`: of accuracy_of.
  void end(size_t number, const process::WorkerResult& result);

  /// Throws Error if that of `task` was not found.
  void check(size_t task) const;
  /// Puts it beside the figures and warnings of `totals`, the task's.
  void add_to(size_t task, nlohmann::json& totals) const;

 private:
  struct Evaluation {
    std::string identity;
    size_t task = 0;
    bool begun = false, known = false;
    int kills = 0;
    nlohmann::json accuracy = nullptr;  ///< as accuracy_of; null: it could not be found
    std::string reason = {};
  };
  const Evaluation* of(size_t task) const;

  results::Store& store_;
  std::vector<Evaluation> all_;
  std::map<std::string, size_t> numbers_;  ///< by identity
  std::map<size_t, size_t> needed_;        ///< by task
  size_t ended_ = 0;
};

}  // namespace systole::sweep
