// SPDX-License-Identifier: Apache-2.0
// Command `archs`: lists and shows architectures.
#include <fmt/format.h>

#include <memory>

#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"

namespace systole {
namespace {

void list() {
  for (const std::string& name : list_archs()) {
    const ArchConfig arch = load_arch(name);
    fmt::print("{:<16} {:>3}x{:<3} {:>6} MHz  {}\n", name, arch.hw.rows, arch.hw.cols,
               arch.clock_mhz, arch.description);
  }
}

}  // namespace

void add_archs_command(CLI::App& app, ExitCode&) {
  CLI::App* archs = app.add_subcommand("archs", "List or show architectures");
  archs->require_subcommand(1);
  archs->footer(
      "Examples:\n  systole archs list\n  systole archs show edge-16x16 --set array.rows=32");

  archs->add_subcommand("list", "Names of the architectures that --arch knows")->callback(list);

  CLI::App* show =
      archs->add_subcommand("show", "An architecture as YAML, defaults and overrides included");
  auto options = std::make_shared<ArchOptions>();
  show->add_option("name", options->name, "Name or YAML file")->required();
  show->add_option("--set", options->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  show->callback([options] { fmt::print("{}", to_yaml(options->load())); });
}

}  // namespace systole
