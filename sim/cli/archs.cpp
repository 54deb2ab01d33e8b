// SPDX-License-Identifier: Apache-2.0
// Command `archs`: lists and shows architectures.
#include <fmt/format.h>

#include <memory>

#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/streams.h"
#include "sim/energy/text.h"

namespace systole::cli {
namespace {

void list_archs() {
  for (const std::string& name : arch::list_archs()) {
    const arch::ArchConfig arch = arch::load_arch(name);
    print_out("{:<16} {:>3}x{:<3} {:>6} MHz  {}\n", name, arch.hw.rows, arch.hw.cols,
              arch.clock_mhz, arch.description);
  }
}

}  // namespace

void add_archs_command(CLI::App& app, ExitCode&) {
  CLI::App* archs = app.add_subcommand("archs", "List or show architectures");
  archs->require_subcommand(1);
  archs->footer(
      "Examples:\n  systole archs list\n  systole archs show edge-16x16 --set array.rows=32\n"
      "  systole archs area edge-16x16 --table tpuv4i-7nm");

  archs->add_subcommand("list", "Names of the architectures that --arch knows")
      ->callback(list_archs);

  CLI::App* show =
      archs->add_subcommand("show", "An architecture as YAML, defaults and overrides included");
  auto options = std::make_shared<ArchOptions>();
  show->add_option("name", options->name, "Name or YAML file")->required();
  show->add_option("--set", options->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  show->callback([options] { print_out("{}", arch::to_yaml(options->load())); });

  CLI::App* area =
      archs->add_subcommand("area", "The area of an architecture by component, an estimate");
  auto sized = std::make_shared<ArchOptions>();
  auto table = std::make_shared<std::string>(energy::kDefaultEnergyTable);
  area->add_option("name", sized->name, "Name or YAML file")->required();
  area->add_option("--set", sized->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  area->add_option("--table", *table, "Table: a name of configs/energy, or a YAML file")
      ->capture_default_str()
      ->type_name("NAME|FILE");
  area->callback([sized, table] {
    const energy::EnergyTable figures = energy::load_energy_table(*table);
    print_out(energy::area_text(energy::estimate_area(figures, sized->load().hw), figures));
  });
}

}  // namespace systole::cli
