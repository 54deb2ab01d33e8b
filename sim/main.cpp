// SPDX-License-Identifier: Apache-2.0
// The program `systole`: hands its arguments to the command line.
#include <systemc>

#include "sim/cli/cli.h"

/// The SystemC library asks for it; simulations start from worker processes instead.
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) { return systole::cli::run_cli(argc, argv); }
