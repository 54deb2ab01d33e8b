// SPDX-License-Identifier: Apache-2.0
// The option --stage, and what that stage of a network gets from those before it.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/session/compile.h"

namespace systole::cli {

struct StageOption {
  std::optional<size_t> stage;  ///< from 1

  void add_to(CLI::App& command);
  /// The stage of the accelerator that is looked at: the one that is given, or that has `layer`
  /// (empty: none is asked for), or the only one. Throws Error, which names `command`.
  size_t choose(const session::CompiledNetwork& compiled, const std::string& command,
                const std::string& layer) const;
};

/// What the inputs of `stage` hold: the stages before it run on the model. No data: nothing, for
/// zeros.
std::vector<std::vector<int8_t>> stage_inputs(const session::CompiledNetwork& compiled,
                                              const arch::ArchConfig& arch,
                                              const std::optional<data::Dataset>& data,
                                              size_t stage);

}  // namespace systole::cli
