// SPDX-License-Identifier: Apache-2.0
// The networks of a study and the data that are fed to them.
#pragma once

#include <filesystem>
#include <vector>

#include "sim/cli/compile_options.h"
#include "sim/study/variant.h"

namespace systole::cli {

/// What a study reads beside its network and its calibration.
struct StudyFiles {
  std::vector<std::filesystem::path> with;  ///< further networks
  std::filesystem::path data;               ///< to classify, with labels; empty: timing only
  size_t limit = 0;                         ///< the first so many of them; 0: all
};

struct StudyInputs {
  study::StudyNetwork network;
  std::vector<study::StudyNetwork> beside;
  data::Dataset calibration, data;
};

/// Throws Error: a network that cannot be compiled, data that do not fit, labels that are missing.
StudyInputs load_study_inputs(const CompileOptions& compile, const StudyFiles& files,
                              const pipeline::FrontOptions& front);

}  // namespace systole::cli
