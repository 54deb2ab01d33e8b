// SPDX-License-Identifier: Apache-2.0
// The command line: parses arguments, runs a command, turns errors into one line and an exit code.
#include "sim/cli/cli.h"

#include <CLI/CLI.hpp>

namespace systole {

int run_cli(int argc, char** argv) {
  CLI::App app{"Systole: a cycle-exact simulator of a TPU-like inference accelerator"};
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace systole
