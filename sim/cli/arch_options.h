// SPDX-License-Identifier: Apache-2.0
// The options --arch and --set, which most commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "model/arch/arch.h"

namespace systole {

struct ArchOptions {
  std::string name = "edge-16x16";
  std::vector<std::string> overrides;

  void add_to(CLI::App& command) {
    command
        .add_option("--arch", name,
                    "Architecture: a name from `systole archs list`, or a YAML file")
        ->capture_default_str()
        ->type_name("NAME|FILE");
    command
        .add_option("--set", overrides, "Override a key of the architecture, e.g. array.rows=32")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
  }
  ArchConfig load() const { return load_arch(name, overrides); }
};

}  // namespace systole
