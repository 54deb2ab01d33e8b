// SPDX-License-Identifier: Apache-2.0
// What the user asked of `run`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/cli/arch_options.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/trace_options.h"
#include "sim/session/simulate.h"

namespace systole::cli {

struct RunCommand {
  CompileOptions compile;
  ArchOptions arch;
  session::SimulateOptions simulate;
  TraceOptions traces;
  std::filesystem::path output, json;
  std::filesystem::path tensors;  ///< a directory for every value; empty: none
  std::string wave;
  std::string energy;   ///< table of energies; empty: none
  std::string mapping;  ///< a file of it; "-": none; empty: nothing is told of it
  bool explain = false;
  bool causes = false;  ///< tell what each cause means that is shown
  std::string layer;    ///< that --explain is restricted to; empty: all

  /// Whether something but standard output is lost when the run stops early.
  bool writes_files() const {
    return !output.empty() || !tensors.empty() || (!json.empty() && json != "-") || traces.any();
  }
};

}  // namespace systole::cli
