// SPDX-License-Identifier: Apache-2.0
// Runs the points of a sweep that a database does not have.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/results/store.h"
#include "sim/sweep/spec.h"

namespace systole::sweep {

struct SweepOptions {
  int jobs = 1;
  results::Detail detail = results::Detail::kLayers;
  bool retry_failed = false;  ///< run points again that failed in an earlier sweep
};

struct SweepRows {
  std::vector<nlohmann::ordered_json> points;  ///< in their order
  std::vector<nlohmann::ordered_json> groups;  ///< of a workload
};

/// A point whose processes are killed from outside is run so often before that is its result.
inline constexpr int kMostAttempts = 3;

/// What sweeps into one database that follow each other need to read and make once.
class SweepCache {
 public:
  SweepCache();
  ~SweepCache();
  SweepCache(const SweepCache&) = delete;
  SweepCache& operator=(const SweepCache&) = delete;

  struct Kept;
  Kept& kept() { return *kept_; }

 private:
  std::unique_ptr<Kept> kept_;
};

/// Runs each point that `store` lacks in a process of its own, at most `jobs` at once, those left
/// out that another process has claimed; waits for these. Points of one configuration are run once.
/// `added` sees each row as it comes, those of the database first; `fresh`: it was run now. Returns
/// the rows in the order of the points: the same whatever `jobs` is. Throws Error.
SweepRows run_sweep(const SweepSpec& spec, const SweepOptions& options, results::Store& store,
                    const std::function<void(const nlohmann::ordered_json& row, bool fresh)>& added,
                    SweepCache& cache);
SweepRows run_sweep(
    const SweepSpec& spec, const SweepOptions& options, results::Store& store,
    const std::function<void(const nlohmann::ordered_json& row, bool fresh)>& added);

}  // namespace systole::sweep
