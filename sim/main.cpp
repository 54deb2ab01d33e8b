// SPDX-License-Identifier: Apache-2.0
// The program `systole`: hands its arguments to the command line.
#include "sim/cli/cli.h"

int main(int argc, char** argv) { return systole::run_cli(argc, argv); }
