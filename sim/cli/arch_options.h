// SPDX-License-Identifier: Apache-2.0
// The options --arch and --set, which most commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/session/machine.h"

namespace systole::cli {

struct ArchOptions {
  std::string name = "edge-16x16";
  std::string memory;
  std::vector<std::string> overrides;

  void add_to(CLI::App& command) {
    command
        .add_option("--arch", name,
                    "Architecture: a name from `systole archs list`, or a YAML file")
        ->capture_default_str()
        ->type_name("NAME|FILE");
    command
        .add_option(
            "--memory", memory,
            "Replace its memory: ideal, random, or a DRAM, a name from `systole memory list` or a "
            "YAML file; ddr: ddr4-2400")
        ->type_name("KIND|NAME|FILE");
    command
        .add_option("--set", overrides, "Override a key of the architecture, e.g. array.rows=32")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
  }
  arch::ArchConfig load() const { return session::load_machine(name, memory, overrides); }
};

}  // namespace systole::cli
