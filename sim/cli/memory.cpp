// SPDX-License-Identifier: Apache-2.0
// Command `memory`: lists the DRAM presets, and measures what they deliver to typical traffic.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "model/arch/arch.h"
#include "model/memory/memory_traffic.h"
#include "sim/cli/commands.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/streams.h"
#include "sim/report/columns.h"

namespace systole::cli {
namespace {

struct MemoryCommand {
  std::vector<std::string> presets;
  std::vector<std::string> overrides;
  bool json = false;
};

arch::DdrConfig dram(const std::string& preset, const std::vector<std::string>& overrides) {
  std::vector<std::string> all = {"memory.kind=ddr", "memory.preset=" + preset,
                                  "memory.size_mib=1"};
  all.insert(all.end(), overrides.begin(), overrides.end());
  return arch::load_arch("edge-16x16", all).memory.ddr;
}

std::string theory_text(const memory::TrafficResult& result) {
  if (result.at_least == result.at_most) return fmt::format("{:.2f}", result.at_most);
  return fmt::format("{:.2f} .. {:.2f}", result.at_least, result.at_most);
}

ExitCode memory(const MemoryCommand& options) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  using enum report::Column::Side;
  report::Table table({{"memory", kLeft, 12},
                       {"peak GB/s", kRight, 9, 2},
                       {"traffic", kLeft, 17, 0, 2},
                       {"GB/s", kRight, 9},
                       {"of peak", kRight, 7, 1},
                       {"theory GB/s", kRight, 17, 3},
                       {"row hits", kRight, 9, 4}});
  for (const std::string& preset :
       options.presets.empty() ? arch::ddr_preset_names() : options.presets) {
    const arch::DdrConfig config = dram(preset, options.overrides);
    const double peak = config.peak_bytes_per_ns();
    for (const memory::TrafficPattern pattern : memory::kTrafficPatterns) {
      const memory::TrafficResult result = memory::run_traffic(config, pattern);
      all.push_back({{"memory", preset},
                     {"peak_gb_per_s", peak},
                     {"traffic", memory::traffic_name(pattern)},
                     {"gb_per_s", result.gb_per_s},
                     {"theory_at_least_gb_per_s", result.at_least},
                     {"theory_at_most_gb_per_s", result.at_most},
                     {"row_hit_rate", result.row_hit_rate}});
      table.add({preset, fmt::format("{:.2f}", peak), memory::traffic_name(pattern),
                 fmt::format("{:.2f}", result.gb_per_s),
                 fmt::format("{:.1f} %", 100 * result.gb_per_s / peak), theory_text(result),
                 fmt::format("{:.1f} %", 100 * result.row_hit_rate)});
    }
  }
  print_out(options.json ? all.dump(1) + "\n" : shown_table(table.text(out_width())));
  return ExitCode::kFine;
}

void list_memories(bool json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const std::string& name : arch::ddr_preset_names()) {
    const arch::DdrConfig ddr = arch::ddr_preset(name);
    all.push_back({{"memory", name},
                   {"channels", ddr.channels},
                   {"peak_gb_per_s", ddr.peak_bytes_per_ns()},
                   {"description", arch::ddr_preset_description(name)}});
    if (json) continue;
    const std::string figures =
        fmt::format("{:<16} {:>3} ch {:>7.2f} GB/s  ", name, ddr.channels, ddr.peak_bytes_per_ns());
    print_out("{}{}\n", figures, last_column(arch::ddr_preset_description(name), figures.size()));
  }
  if (json) print_out("{}\n", all.dump(1));
}

}  // namespace

void add_memory_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("memory", "Measure what the DRAM presets deliver to typical traffic");
  auto options = std::make_shared<MemoryCommand>();
  command
      ->add_option("presets", options->presets,
                   "Names from `systole memory list`, or YAML files; default: all of them")
      ->type_name("NAME|FILE");
  command
      ->add_option("--set", options->overrides,
                   "Override a key of the memory, e.g. memory.mapping=RoCoBaBgCh")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_json_flag(*command, options->json);
  add_wide_flag(*command);
  command->footer(
      "Bursts of 512 bytes, at least 64 of each direction outstanding, over a bus that is no "
      "limit;\n"
      "docs/memory.md explains the theory.\n\n"
      "Examples:\n"
      "  systole memory list\n"
      "  systole memory\n"
      "  systole memory ddr4-2400 --set memory.mapping=RoCoBaBgCh");
  CLI::App* names =
      command->add_subcommand("list", "Names of the DRAM presets that --memory knows");
  add_json_flag(*names, options->json);
  add_wide_flag(*names);
  command->callback([options, names, &exit_code] {
    if (names->parsed()) return list_memories(options->json);
    exit_code = memory(*options);
  });
}

}  // namespace systole::cli
