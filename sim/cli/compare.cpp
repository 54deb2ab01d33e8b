// SPDX-License-Identifier: Apache-2.0
// Command `compare`: what two results differ in.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/results/compared_set.h"

namespace systole::cli {
namespace {

using results::Change;

struct Options {
  std::string a, b;
  size_t limit = 10;
  bool json = false;
};

std::string value_text(const nlohmann::json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0))
    return report::with_commas(value.get<uint64_t>());
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  return value.is_string() ? report::printable(value.get<std::string>()) : value.dump();
}

/// "+1,234", "-2.5".
std::string difference_text(const Change& change) {
  const double by = change.difference();
  const std::string size = change.a.is_number_float() || change.b.is_number_float()
                               ? fmt::format("{:.6g}", std::abs(by))
                               : report::with_commas(static_cast<uint64_t>(std::abs(by)));
  return (by < 0 ? "-" : "+") + size;
}

std::string line_of(const Change& change) {
  std::string text = fmt::format("    {:<28} {:>16} -> {:<16}", report::printable(change.name),
                                 value_text(change.a), value_text(change.b));
  if (change.a.is_number() && change.b.is_number()) text += " " + difference_text(change);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

/// What a layer differs in, on its line.
std::string layer_line(const results::LayerChange& layer) {
  constexpr size_t kCauses = 3;
  std::string text = line_of(layer.cycles);
  std::vector<std::string> parts;
  for (size_t i = 0; i < std::min(kCauses, layer.causes.size()); ++i)
    parts.push_back(layer.causes[i].name + " " + difference_text(layer.causes[i]));
  for (size_t i = 0; parts.empty() && i < layer.figures.size(); ++i)
    parts.push_back(layer.figures[i].name + " " + difference_text(layer.figures[i]));
  if (parts.empty()) return text;
  text.pop_back();
  for (size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? ": " : ", ") + parts[i];
  return text + "\n";
}

template <typename Changes, typename Line>
std::string section(const char* title, const Changes& changes, size_t limit, Line line) {
  if (changes.empty()) return "";
  std::string text = fmt::format("  {}\n", title);
  for (size_t i = 0; i < std::min(limit, changes.size()); ++i) text += line(changes[i]);
  if (changes.size() > limit) text += fmt::format("    and {} more\n", changes.size() - limit);
  return text;
}

std::string text_of(const results::Difference& difference, size_t limit) {
  return report::printable(difference.name) + "\n" +
         section("configuration", difference.configuration, limit, line_of) +
         section("totals", difference.totals, limit, line_of) +
         section("causes, all units", difference.causes, limit, line_of) +
         section("layers", difference.layers, limit, layer_line);
}

std::string text_of(const results::SetDifference& found, size_t limit) {
  std::string text;
  for (size_t i = 0; i < std::min(limit, found.differences.size()); ++i)
    text += text_of(found.differences[i], limit);
  if (found.differences.size() > limit)
    text += fmt::format("and {} more that differ\n", found.differences.size() - limit);
  const auto only = [&](const char* whose, const std::vector<std::string>& names) {
    if (!names.empty())
      text +=
          section(fmt::format("only in {}", whose).c_str(), names, limit,
                  [](const std::string& name) { return "    " + report::printable(name) + "\n"; });
  };
  only("A", found.only_a);
  only("B", found.only_b);
  return text + fmt::format("{} equal, {} differ, {} only in A, {} only in B\n", found.equal,
                            found.differences.size(), found.only_a.size(), found.only_b.size());
}

ExitCode compare(const Options& options) {
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
  auto options = std::make_shared<Options>();
  constexpr const char* kWhat =
      "result.json of `run -o`, a database of `sweep -o`, FILE.db:POINT, or a directory with one";
  command->add_option("A", options->a, kWhat)->required()->type_name("RESULT");
  command->add_option("B", options->b, "The other one")->required()->type_name("RESULT");
  command->add_option("--limit", options->limit, "Lines of each list")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--json", options->json, "Print all differences as JSON");
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
