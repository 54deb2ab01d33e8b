// SPDX-License-Identifier: Apache-2.0
// The commands of the command line; each adds its options to the application and runs when it is
// chosen.
#pragma once

#include <CLI/CLI.hpp>

#include "model/base/error.h"

namespace systole::cli {

/// Adds a command to `app`; running it puts its exit code into `exit_code`.
void add_run_command(CLI::App& app, ExitCode& exit_code);
void add_compile_command(CLI::App& app, ExitCode& exit_code);
void add_quantise_command(CLI::App& app, ExitCode& exit_code);
void add_asm_command(CLI::App& app, ExitCode& exit_code);
void add_disasm_command(CLI::App& app, ExitCode& exit_code);
void add_wave_command(CLI::App& app, ExitCode& exit_code);
void add_debug_command(CLI::App& app, ExitCode& exit_code);
void add_cosim_command(CLI::App& app, ExitCode& exit_code);
void add_accuracy_command(CLI::App& app, ExitCode& exit_code);
void add_search_precision_command(CLI::App& app, ExitCode& exit_code);
void add_study_command(CLI::App& app, ExitCode& exit_code);
void add_sweep_command(CLI::App& app, ExitCode& exit_code);
void add_compare_command(CLI::App& app, ExitCode& exit_code);
void add_report_command(CLI::App& app, ExitCode& exit_code);
void add_merge_command(CLI::App& app, ExitCode& exit_code);
void add_optimise_command(CLI::App& app, ExitCode& exit_code);
void add_reprice_command(CLI::App& app, ExitCode& exit_code);
void add_verify_command(CLI::App& app, ExitCode& exit_code);
void add_archs_command(CLI::App& app, ExitCode& exit_code);
void add_serve_command(CLI::App& app, ExitCode& exit_code);
void add_memory_command(CLI::App& app, ExitCode& exit_code);
void add_cache_command(CLI::App& app, ExitCode& exit_code);
void add_doctor_command(CLI::App& app, ExitCode& exit_code);
void add_completion_command(CLI::App& app, ExitCode& exit_code);
void add_man_command(CLI::App& app, ExitCode& exit_code);

}  // namespace systole::cli
