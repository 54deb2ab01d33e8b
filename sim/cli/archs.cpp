// SPDX-License-Identifier: Apache-2.0
// Command `archs`: lists and shows architectures.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "model/arch/clock.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/streams.h"
#include "sim/energy/text.h"
#include "sim/report/clock.h"

namespace systole::cli {
namespace {

void list_archs() {
  for (const std::string& name : arch::list_archs()) {
    const arch::ArchConfig arch = arch::load_arch(name);
    print_out("{:<16} {:>3}x{:<3} {:>6} MHz  {}\n", name, arch.hw.rows, arch.hw.cols,
              arch.clock_mhz, arch.description);
  }
}

/// The clock that the RTL is taken to reach, and what keeps it from more.
void show_clock(const arch::ArchConfig& arch, const std::string& node) {
  constexpr size_t kShown = 5;
  const int node_nm = arch::clock_node_of({"auto-" + node, "--node " + node, false});
  const arch::DerivedClock clock = arch::derive_clock(arch.hw, node_nm);
  print_out(
      "{:.6g} MHz at {} nm, provisional: by the longest paths of the RTL's units, without "
      "wires\n{:<24} {:>8} {:>10} {:>8}\n",
      clock.mhz, node_nm, "path", "levels", "memory ps", "ps");
  for (size_t i = 0; i < std::min(kShown, clock.paths.size()); ++i) {
    const arch::TimingPath& path = clock.paths[i];
    print_out("{:<24} {:>8.0f} {:>10.0f} {:>8.0f}\n", path.name, path.levels, path.memory_ps,
              path.ps);
  }
  print_warnings(report::clock_warnings(arch, node_nm));
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

  CLI::App* clock =
      archs->add_subcommand("clock", "The clock that the RTL of an architecture may reach");
  auto timed = std::make_shared<ArchOptions>();
  auto node = std::make_shared<std::string>("45nm");
  clock->add_option("name", timed->name, "Name or YAML file")->required();
  clock->add_option("--set", timed->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  clock->add_option("--node", *node, "Node of the technology: 45nm, 28nm, 16nm or 7nm")
      ->capture_default_str()
      ->check(CLI::IsMember({"45nm", "28nm", "16nm", "7nm"}))
      ->type_name("NODE");
  clock->callback([timed, node] { show_clock(timed->load(), *node); });

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
