// SPDX-License-Identifier: Apache-2.0
// `run --causes` says of each cause that is printed what it means, and of no other.
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");
const std::string kLegend = "\ncause        of a unit's cycles\n";

/// The meanings of docs/counters.md by cause.
std::map<std::string, std::string> documented() {
  std::map<std::string, std::string> meanings;
  std::istringstream page(read_file(SYSTOLE_SOURCE_DIR "/docs/counters.md"));
  const std::regex row("\\| \\d+ \\| `(\\w+)` \\| (.+) \\|");
  std::smatch found;
  bool behind = false;
  for (std::string line; std::getline(page, line);) {
    behind = behind || line == "## Causes";
    if (behind && std::regex_match(line, found, row)) meanings[found[1]] = found[2];
  }
  return meanings;
}

std::map<std::string, std::string> told(const std::string& out) {
  std::map<std::string, std::string> meanings;
  const size_t at = out.find(kLegend);
  REQUIRE(at != std::string::npos);
  std::istringstream lines(out.substr(at + kLegend.size()));
  for (std::string line; std::getline(lines, line) && line.size() > 13;)
    meanings[line.substr(0, line.find(' '))] = line.substr(13);
  return meanings;
}

/// What stands before a share in percent, of the tables before the legend.
std::set<std::string> printed(const std::string& out, const std::set<std::string>& causes) {
  // The totals have bytes of weights.
  const std::string tables =
      std::regex_replace(out.substr(0, out.find(kLegend)), std::regex("\nDRAM .*"), "");
  std::set<std::string> names;
  const std::regex share("(\\w+)\\s+-?[0-9,.]+");
  for (std::sregex_iterator it(tables.begin(), tables.end(), share), end; it != end; ++it)
    if (causes.contains((*it)[1])) names.insert((*it)[1]);
  return names;
}

void check_legend(std::vector<std::string> arguments, bool explained) {
  const Workplace place;
  arguments.insert(arguments.begin(), {"run", kNet});
  const CommandResult run = place.run(arguments);
  REQUIRE(run.exit_code == 0);
  const auto meanings = documented();
  std::set<std::string> causes;
  for (const auto& [cause, meaning] : meanings) causes.insert(cause);
  auto legend = told(run.out);
  CHECK(legend.erase("work") == (explained ? 1 : 0));
  std::set<std::string> names;
  for (const auto& [cause, meaning] : legend) {
    INFO(cause);
    names.insert(cause);
    REQUIRE(meanings.contains(cause));
    CHECK(meaning == meanings.at(cause));
  }
  CHECK(names == printed(run.out, causes));
}

TEST_CASE("each cause that is printed has its line, in the words of docs/counters.md") {
  CHECK(documented().size() == 15);
  check_legend({"--causes"}, false);
  check_legend({"--causes", "--explain"}, true);
  check_legend({"--causes", "--explain", "--layer", "/fc3/Gemm"}, true);
}

TEST_CASE("a run that was stopped tells its causes too, and a run without --causes none") {
  const Workplace place;
  const CommandResult stopped = place.run({"run", kNet, "--causes", "--cycle-limit", "100"});
  CHECK(stopped.exit_code == 4);
  CHECK(told(stopped.out).contains("busy"));
  CHECK(place.run({"run", kNet}).out.find(kLegend) == std::string::npos);
}

}  // namespace
}  // namespace systole
