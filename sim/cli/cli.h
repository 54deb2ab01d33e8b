// SPDX-License-Identifier: Apache-2.0
// The command line: parses arguments, runs a command, turns errors into one line and an exit code.
#pragma once

namespace systole::cli {

/// Runs the command line; returns the exit code (ExitCode).
int run_cli(int argc, char** argv);

}  // namespace systole::cli
