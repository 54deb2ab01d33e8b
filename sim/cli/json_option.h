// SPDX-License-Identifier: Apache-2.0
// The option --json of commands that print what they find as a table otherwise.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/cli/output.h"

namespace systole::cli {

/// `--json FILE` beside the table, or `--json -` in its place.
struct JsonOption {
  std::filesystem::path target;

  void add_to(CLI::App& command) {
    command
        .add_option("--json", target,
                    "Write the result as JSON; -: to standard output, nothing else")
        ->type_name("-|FILE");
  }
  /// Standard output has nothing else.
  bool is_alone() const { return target == "-"; }
  /// Before the work. Throws Error if it could not be written.
  void check() const {
    if (!target.empty() && !is_alone()) check_creatable(target);
  }
  /// If it was asked for.
  void write(const nlohmann::ordered_json& json) const {
    // Differences may name tensors, whose names are any bytes.
    const auto replace = nlohmann::json::error_handler_t::replace;
    if (!target.empty()) write_output(target, json.dump(1, ' ', false, replace) + "\n");
  }
};

/// `--json` of commands that print a table and nothing more.
inline void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print JSON instead of the table");
}

}  // namespace systole::cli
