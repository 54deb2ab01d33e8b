// SPDX-License-Identifier: Apache-2.0
// Command `archs`: lists and shows architectures.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "model/arch/clock.h"
#include "sim/cli/arch_options.h"
#include "sim/cli/commands.h"
#include "sim/cli/compile_options.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/one_of.h"
#include "sim/cli/streams.h"
#include "sim/energy/text.h"
#include "sim/report/clock.h"
#include "sim/report/format.h"
#include "sim/report/json.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNameHelp = "A name from `systole archs list`, or a YAML file";

void print_json(const Json& json) { print_out("{}\n", json.dump(1)); }

/// As "architecture" of a result, and what it is for.
Json described(const arch::ArchConfig& arch) {
  Json json = report::architecture_json(arch);
  json["description"] = report::printable(arch.description);
  return json;
}

void list_archs(bool json) {
  if (json) {
    Json all = Json::array();
    for (const std::string& name : arch::list_archs())
      all.push_back(described(arch::load_arch(name)));
    return print_json(all);
  }
  for (const std::string& name : arch::list_archs()) {
    const arch::ArchConfig arch = arch::load_arch(name);
    const std::string machine = fmt::format("{:<16} {:>3}x{:<3} {:>6} MHz  ", name, arch.hw.rows,
                                            arch.hw.cols, arch.clock_mhz);
    print_out("{}{}\n", machine, last_column(arch.description, machine.size()));
  }
}

Json clock_json(const arch::ArchConfig& arch, const arch::DerivedClock& clock, int node_nm) {
  Json paths = Json::array();
  for (const arch::TimingPath& path : clock.paths)
    paths.push_back({{"path", path.name},
                     {"levels", path.levels},
                     {"memory_ps", path.memory_ps},
                     {"ps", path.ps}});
  return {{"name", report::printable(arch.name)},
          {"clock_mhz", arch.clock_mhz},
          {"derived_mhz", clock.mhz},
          {"node_nm", node_nm},
          {"paths", paths}};
}

Json area_json(const arch::ArchConfig& arch, const energy::AreaReport& area,
               const energy::EnergyTable& table) {
  Json parts = Json::array();
  for (const energy::AreaPart& part : area.parts)
    parts.push_back({{"part", part.name},
                     {"mm2", part.mm2},
                     {"extrapolated", part.extrapolated},
                     {"of", part.what}});
  return {{"name", report::printable(arch.name)},
          {"mm2", area.total_mm2()},
          {"table", report::printable(table.name)},
          {"node_nm", table.node_nm},
          {"parts", parts}};
}

/// The clock that the RTL is taken to reach, and what keeps it from more.
void show_clock(const arch::ArchConfig& arch, const std::string& node, bool json) {
  constexpr size_t kShown = 5;
  const int node_nm = arch::clock_node_of({"auto-" + node, "--node " + node, false});
  const arch::DerivedClock clock = arch::derive_clock(arch.hw, node_nm);
  if (json) return print_json(clock_json(arch, clock, node_nm));
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
      "  systole archs area edge-16x16 --table tpuv4i-7nm\n"
      "  systole archs list --json | jq '.[] | {name, clock_mhz}'");

  CLI::App* list = archs->add_subcommand("list", "Names of the architectures that --arch knows");
  // One command runs; they share the flag.
  auto json = std::make_shared<bool>(false);
  add_json_flag(*list, *json);
  add_wide_flag(*list);
  list->callback([json] { list_archs(*json); });

  CLI::App* show =
      archs->add_subcommand("show", "An architecture as YAML, defaults and overrides included");
  auto options = std::make_shared<ArchOptions>();
  show->add_option("name", options->name, kNameHelp)->required()->type_name("NAME|FILE");
  show->add_option("--set", options->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  show->add_flag("--json", *json, "Print JSON instead of YAML");
  show->callback([options, json] {
    const arch::ArchConfig arch = options->load();
    if (*json) return print_json(described(arch));
    print_out("{}", arch::to_yaml(arch));
  });

  CLI::App* clock =
      archs->add_subcommand("clock", "The clock that the RTL of an architecture may reach");
  auto timed = std::make_shared<ArchOptions>();
  auto node = std::make_shared<std::string>("45nm");
  clock->add_option("name", timed->name, kNameHelp)->required()->type_name("NAME|FILE");
  clock->add_option("--set", timed->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  clock->add_option("--node", *node, "Node of the technology: 45nm, 28nm, 16nm or 7nm")
      ->capture_default_str()
      ->check(OneOf({"45nm", "28nm", "16nm", "7nm"}))
      ->type_name("NODE");
  add_json_flag(*clock, *json);
  clock->callback([timed, node, json] { show_clock(timed->load(), *node, *json); });

  CLI::App* area =
      archs->add_subcommand("area", "The area of an architecture by component, an estimate");
  auto sized = std::make_shared<ArchOptions>();
  auto table = std::make_shared<std::string>(energy::kDefaultEnergyTable);
  area->add_option("name", sized->name, kNameHelp)->required()->type_name("NAME|FILE");
  area->add_option("--set", sized->overrides, "Override a key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  area->add_option("--table", *table, "Table: a name of configs/energy, or a YAML file")
      ->capture_default_str()
      ->type_name("NAME|FILE");
  add_json_flag(*area, *json);
  area->callback([sized, table, json] {
    const energy::EnergyTable figures = energy::load_energy_table(*table);
    const arch::ArchConfig arch = sized->load();
    const energy::AreaReport estimate = energy::estimate_area(figures, arch.hw);
    if (*json) return print_json(area_json(arch, estimate, figures));
    print_out(energy::area_text(estimate, figures));
  });
}

}  // namespace systole::cli
