// SPDX-License-Identifier: Apache-2.0
// Compiles, runs, reports.
#include "sim/session/timed_run.h"

#include <fmt/format.h>

#include "compiler/lower/compile_back.h"
#include "model/base/error.h"
#include "sim/engine/run_process.h"

namespace systole {

TimedRun run_timed(const QGraph& graph, const ArchConfig& arch) {
  TimedRun timed{compile_back(graph, arch, {}), {}, {}};
  DramImage image = make_image(timed.program);
  RunOptions options;
  options.functional = false;
  timed.run = run_in_process(*make_model_engine(arch), timed.program, image, options);
  if (timed.run.status != RunStatus::kFinished)
    throw Error(fmt::format("the run stopped after {} cycles", timed.run.cycles),
                ExitCode::kStopped);
  timed.report = make_report(timed.program, arch, timed.run, "model", false);
  return timed;
}

}  // namespace systole
