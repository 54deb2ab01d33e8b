// SPDX-License-Identifier: Apache-2.0
// Command `compare`: what two results differ in.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/difference_text.h"
#include "sim/cli/look.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/results/compared_set.h"

namespace systole::cli {
namespace {

struct CompareCommand {
  std::string a, b;
  size_t limit = 10;
  bool json = false;
};

std::string text_of(const results::SetDifference& found, size_t limit) {
  std::string text;
  for (size_t i = 0; i < std::min(limit, found.differences.size()); ++i)
    text += difference_text(found.differences[i], limit, out_width());
  if (found.differences.size() > limit)
    text += fmt::format("and {} more that differ\n", found.differences.size() - limit);
  const auto only = [&](const char* whose, const std::vector<std::string>& names) {
    if (!names.empty()) text += list_text(fmt::format("only in {}", whose), names, limit);
  };
  only("A", found.only_a);
  only("B", found.only_b);
  return text + fmt::format("{} equal, {} differ, {} only in A, {} only in B\n", found.equal,
                            found.differences.size(), found.only_a.size(), found.only_b.size());
}

ExitCode compare(const CompareCommand& options) {
  const auto a = results::open_compared(options.a), b = results::open_compared(options.b);
  const results::SetDifference found = results::difference(*a, *b);
  if (options.json)
    print_out(results::to_json(found).dump(2) + "\n");
  else
    print_out(text_of(found, options.limit));
  return found.cycles_differ() ? ExitCode::kDifference : ExitCode::kFine;
}

}  // namespace

void add_compare_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("compare", "Tell what two results differ in, the heaviest first");
  auto options = std::make_shared<CompareCommand>();
  constexpr const char* kWhat =
      "result.json of `run -o`, a database of `sweep -o`, FILE.db:POINT, or a directory with one";
  command->add_option("A", options->a, kWhat)->required()->type_name("RESULT");
  command->add_option("B", options->b, "The other one")->required()->type_name("RESULT");
  command->add_option("--limit", options->limit, "Lines of each list")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--json", options->json, "Print all differences as JSON");
  add_wide_flag(*command);
  command->footer(
      "Points of databases are matched by their configuration. Exit code 1 if cycles differ or\n"
      "points stand in one alone.\n\n"
      "Examples:\n"
      "  systole compare out/result.json other/result.json\n"
      "  systole compare before.db after.db --json\n"
      "  systole compare results.db:1 results.db:2");
  command->callback([options, &exit_code] { exit_code = compare(*options); });
}

}  // namespace systole::cli
