// SPDX-License-Identifier: Apache-2.0
// The options --arch and --set, which most commands have.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/choices/choices.h"
#include "model/base/error.h"
#include "sim/scale_sim/config.h"
#include "sim/session/machine.h"
#include "sim/session/request.h"

namespace systole::cli {

struct ArchOptions {
  std::string name = "edge-16x16";
  std::string memory;
  std::vector<std::string> overrides;
  std::filesystem::path scalesim_config;  ///< empty: none

  void add_to(CLI::App& command, const std::string& otherwise = "") {
    named_ = command
                 .add_option(
                     "--arch", name,
                     "Architecture: a name from `systole archs list`, or a YAML file" + otherwise)
                 ->capture_default_str()
                 ->type_name("NAME|FILE");
    command
        .add_option(
            "--memory", memory,
            "Replace its memory: ideal, random, or a DRAM, a name from `systole memory list` or a "
            "YAML file; ddr: ddr4-2400")
        ->type_name("KIND|NAME|FILE");
    command
        .add_option("--set", overrides,
                    "Override a key of the architecture, e.g. array.rows=32; where programs are "
                    "compiled also a choice of the compiler, e.g. compile.fuse=false")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
  }
  /// Adds --scalesim-config.
  void add_scalesim_to(CLI::App& command) {
    command
        .add_option("--scalesim-config", scalesim_config,
                    "Array, memories and bandwidth of a SCALE-Sim configuration, in place of the "
                    "architecture's")
        ->type_name("FILE.cfg");
  }
  /// What became of the keys of --scalesim-config; empty without one. Throws Error.
  std::string scalesim_text() const {
    return scalesim_config.empty() ? "" : scale_sim::read_config(scalesim_config).text;
  }
  /// For commands that compile nothing, or as the compiler chooses. Throws Error, also for choices.
  arch::ArchConfig load() const {
    for (const std::string& one : overrides)
      if (choices::is_choice(one))
        throw Error(fmt::format(
            "--set {}: a choice of the compiler, which run, compile, cosim and sweep alone take",
            one));
    return session::load_machine(name, memory, overrides);
  }
  /// The same, and the choices among the overrides. A program file, `file` may be one, runs without
  /// --arch on what it was compiled for.
  arch::ArchConfig load(choices::Choices& choices, const std::filesystem::path& file = {}) const {
    std::vector<std::string> hardware = overrides;
    choices = choices::take_choices(hardware);
    if (!scalesim_config.empty())
      return session::load_scale_sim_machine(scale_sim::read_config(scalesim_config), name, memory,
                                             hardware);
    if (named_ != nullptr && named_->count() == 0 && session::is_program_file(file))
      return session::load_program_machine(file, name, memory, hardware);
    return session::load_machine(name, memory, hardware);
  }

 private:
  const CLI::Option* named_ = nullptr;
};

/// Help of --arch where a program file will do.
inline const std::string kArchOfProgram = "; default of a program file: the one it is for";

}  // namespace systole::cli
