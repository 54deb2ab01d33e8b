// SPDX-License-Identifier: Apache-2.0
// Keeps account of what is found, at work, or failed.
#include "sim/sweep/evaluations.h"

#include <algorithm>

#include "model/base/error.h"
#include "sim/sweep/sweep.h"

namespace systole::sweep {

void Evaluations::add(size_t task, const std::string& identity) {
  if (identity.empty()) return;
  const auto [number, fresh] = numbers_.try_emplace(identity, all_.size());
  if (fresh) all_.push_back({.identity = identity, .task = task});
  needed_[task] = number->second;
}

const Evaluations::Evaluation* Evaluations::of(size_t task) const {
  const auto needed = needed_.find(task);
  return needed == needed_.end() ? nullptr : &all_[needed->second];
}

bool Evaluations::is_there(size_t task, std::optional<size_t>& begin) {
  const auto needed = needed_.find(task);
  if (needed == needed_.end()) return true;
  Evaluation& evaluation = all_[needed->second];
  if (evaluation.known || evaluation.begun) return evaluation.known;
  evaluation.begun = true;
  evaluation.task = task;
  if (const nlohmann::json stored = store_.find_accuracy(evaluation.identity); !stored.is_null()) {
    evaluation.accuracy = {{"figures", stored}, {"warnings", nlohmann::json::array()}};
    ++ended_;
    return evaluation.known = true;
  }
  begin = needed->second;
  return false;
}

void Evaluations::end(size_t number, const process::WorkerResult& result) {
  Evaluation& evaluation = all_[number];
  if (result.killed && ++evaluation.kills < kMostAttempts) {
    evaluation.begun = false;
    return;
  }
  evaluation.known = true;
  ++ended_;
  if (result.ok)
    evaluation.accuracy = nlohmann::json::parse(result.text);
  else
    evaluation.reason = result.reason();
}

void Evaluations::check(size_t task) const {
  const Evaluation* evaluation = of(task);
  if (evaluation != nullptr && evaluation->accuracy.is_null())
    throw Error("accuracy: " + evaluation->reason);
}

void Evaluations::add_to(size_t task, nlohmann::json& totals) const {
  const Evaluation* evaluation = of(task);
  if (evaluation == nullptr) return;
  totals["figures"].update(evaluation->accuracy.at("figures"));
  for (const nlohmann::json& warning : evaluation->accuracy.at("warnings")) {
    nlohmann::json& all = totals["warnings"];
    if (std::find(all.begin(), all.end(), warning) == all.end()) all.push_back(warning);
  }
}

}  // namespace systole::sweep
