// SPDX-License-Identifier: Apache-2.0
// Points to workers, figures to rows.
#include "sim/sweep/sweep.h"

#include "sim/process/worker_pool.h"
#include "sim/sweep/row.h"

namespace systole::sweep {

std::vector<nlohmann::ordered_json> run_sweep(
    const SweepSpec& spec, int jobs,
    const std::function<void(const nlohmann::ordered_json& row)>& added) {
  std::vector<nlohmann::ordered_json> rows(spec.points.size());
  process::run_workers(
      spec.points.size(), jobs, [&](size_t i) { return run_point(spec.points[i]).dump(); },
      [&](size_t i, const process::WorkerResult& result) {
        rows[i] = sweep_row(i, spec.points[i], result);
        added(rows[i]);
      });
  return rows;
}

}  // namespace systole::sweep
