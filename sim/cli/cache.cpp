// SPDX-License-Identifier: Apache-2.0
// Command `cache`: what is kept of verilated RTL, and how to be rid of it.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/streams.h"
#include "sim/engine/cache_contents.h"
#include "sim/engine/library_cache.h"
#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

using engine::CachedLibrary;
using Json = nlohmann::ordered_json;

const char* state_text(CachedLibrary::State state) {
  switch (state) {
    case CachedLibrary::State::kIdle:
      return "idle";
    case CachedLibrary::State::kInUse:
      return "in use";
    case CachedLibrary::State::kBuilding:
      return "being built";
    case CachedLibrary::State::kUnfinished:
      return "unfinished";
  }
  return "?";
}

std::string bytes_text(uint64_t bytes) { return report::bytes_text(static_cast<int64_t>(bytes)); }

std::string count_text(size_t count) {
  return fmt::format("{} librar{}", count, count == 1 ? "y" : "ies");
}

/// Whether anything was ever kept: the first build makes the directory.
bool is_there(const std::filesystem::path& directory) {
  std::error_code error;
  return std::filesystem::exists(directory, error);
}

/// What says that there is nothing because there is no directory.
const char* absence_text(const std::filesystem::path& directory) {
  return is_there(directory) ? "" : ", the directory does not exist";
}

uint64_t bytes_of(const std::vector<CachedLibrary>& libraries) {
  uint64_t sum = 0;
  for (const CachedLibrary& library : libraries) sum += library.bytes;
  return sum;
}

void list(bool json) {
  const std::filesystem::path directory = engine::find_library_cache();
  const std::vector<CachedLibrary> libraries = engine::cached_libraries(directory);
  if (json) {
    Json rows = Json::array();
    for (const CachedLibrary& library : libraries)
      rows.push_back({{"name", library.name},
                      {"array", library.array()},
                      {"waves", library.has_waves()},
                      {"bytes", library.bytes},
                      {"unused_seconds", library.unused_seconds},
                      {"state", state_text(library.state)}});
    const Json all = {{"directory", report::printable(directory.string())},
                      {"exists", is_there(directory)},
                      {"bytes", bytes_of(libraries)},
                      {"libraries", rows}};
    return print_out("{}\n", all.dump(1));
  }
  using enum report::Column::Side;
  report::Table table({{"library", kLeft, 36},
                       {"array", kLeft, 8, 3},
                       {"waves", kLeft, 6, 4},
                       {"size", kRight, 10, 1},
                       {"unused", kRight, 8, 2},
                       {"state", kLeft, 0, 0, 2}});
  for (const CachedLibrary& library : libraries)
    table.add({library.name, library.array(), library.has_waves() ? "yes" : "no",
               bytes_text(library.bytes), report::duration_text(library.unused_seconds),
               state_text(library.state)});
  if (!libraries.empty()) print_out(shown_table(table.text(out_width())));
  print_out("{}: {}, {}{}\n", report::printable(directory.string()), count_text(libraries.size()),
            bytes_text(bytes_of(libraries)), absence_text(directory));
}

void clean(int unused_days, bool dry_run) {
  constexpr double kSecondsPerDay = 86'400;
  const std::filesystem::path directory = engine::find_library_cache();
  std::vector<CachedLibrary> gone, busy;
  size_t recent = 0;
  for (const CachedLibrary& library : engine::cached_libraries(directory)) {
    if (gone.empty() && busy.empty()) engine::require_own(directory);
    const bool free = library.state == CachedLibrary::State::kIdle ||
                      library.state == CachedLibrary::State::kUnfinished;
    if (library.unused_seconds < unused_days * kSecondsPerDay)
      ++recent;
    else if (free && (dry_run || engine::remove_library(directory, library.name)))
      gone.push_back(library);
    else
      busy.push_back(library);
  }
  std::string kept;
  if (!busy.empty()) kept += fmt::format(", kept {} in use", count_text(busy.size()));
  if (recent > 0) kept += fmt::format(", kept {} used since", count_text(recent));
  print_out("{}: {} {}, {}{}{}\n", report::printable(directory.string()),
            dry_run ? "would remove" : "removed", count_text(gone.size()),
            bytes_text(bytes_of(gone)), kept, absence_text(directory));
}

}  // namespace

void add_cache_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand("cache", "List or remove what is kept of verilated RTL");
  command->require_subcommand(1);
  command->footer(
      "Libraries that a process has loaded or builds stay; what is removed is built anew when it "
      "is needed.\n\n"
      "Examples:\n"
      "  systole cache list\n"
      "  systole cache clean --unused 30");
  CLI::App* listing = command->add_subcommand("list", "The libraries, their size, and their use");
  auto json = std::make_shared<bool>(false);
  add_json_flag(*listing, *json);
  add_wide_flag(*listing);
  listing->callback([json] { list(*json); });

  CLI::App* cleaning = command->add_subcommand("clean", "Remove libraries that nobody uses");
  auto days = std::make_shared<int>(0);
  auto dry_run = std::make_shared<bool>(false);
  cleaning->add_option("--unused", *days, "Only those that nobody has used for so many days")
      ->check(CLI::Range(0, 36'500))
      ->type_name("DAYS");
  cleaning->add_flag("--dry-run", *dry_run, "Only tell what would go");
  cleaning->callback([days, dry_run] { clean(*days, *dry_run); });
}

}  // namespace systole::cli
