// SPDX-License-Identifier: Apache-2.0
// Words the options of a point.
#include "sim/report_page/commands.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

namespace systole::report_page {
namespace {

/// `word` as a shell takes it whole.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain = "_./=:,+@%-";
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [&](unsigned char c) {
    return std::isalnum(c) || kPlain.find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

class Command {
 public:
  Command(const Points& points, size_t row) : points_(points), row_(row) {}

  /// Empty: there is none.
  std::string text(const std::string& key) const {
    const PointColumn* column = points_.find(key);
    if (column == nullptr || column->values[row_].is_null()) return "";
    const Json& value = column->values[row_];
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  void add(const std::string& word) { words_ += (words_.empty() ? "" : " ") + quoted(word); }
  void add(const char* option, const std::string& value) {
    add(option);
    add(value);
  }
  /// If the point has something else than `otherwise`.
  void add_unless(const std::string& otherwise, const char* option, const std::string& key) {
    const std::string value = text(key);
    if (!value.empty() && value != otherwise) add(option, value);
  }
  const std::string& words() const { return words_; }

 private:
  const Points& points_;
  const size_t row_;
  std::string words_;
};

/// "NAME KEY=VALUE ...", as sweeps call machines.
void add_machine(Command& command) {
  std::string name;
  std::vector<std::string> overrides;
  std::istringstream machine(command.text("machine"));
  for (std::string word; machine >> word;) {
    if (word.find('=') == std::string::npos && overrides.empty())
      name += (name.empty() ? "" : " ") + word;
    else
      overrides.push_back(word);
  }
  command.add("--arch", name);
  for (const std::string& one : overrides) command.add("--set", one);
}

/// Those of the compiler, which accuracy does not depend on.
void add_choices(Command& command) {
  std::istringstream choices(command.text("choices"));
  for (std::string word; choices >> word;) command.add("--set", word);
}

void add_network(Command& command, const Points& points, bool topologies) {
  const std::string file = command.text("network");
  const auto path = points.paths.find(file);
  if (topologies && file.ends_with(".csv")) command.add("--topology");
  command.add(path == points.paths.end() ? file : path->second);
}

void add_compilation(Command& command) {
  command.add_unless("8", "--weights", "weights");
  command.add_unless("8", "--activations", "activations");
  std::istringstream prunes(command.text("prune"));
  for (std::string one; std::getline(prunes, one, '+');)
    if (one != "none") command.add("--prune", one);
  command.add_unless("", "--shape", "shape");
  command.add_unless("", "--calib", "calib");
  command.add_unless("min-max", "--calib-method", "calib_method");
}

}  // namespace

std::vector<std::string> commands_of(const Points& points, size_t row) {
  if (points.find("machine") == nullptr || points.paths.empty()) return {};
  Command run(points, row);
  run.add("systole");
  run.add("run");
  add_network(run, points, true);
  add_machine(run);
  add_choices(run);
  run.add_unless("1", "--batch", "batch");
  run.add_unless("1", "--repeat", "repeat");
  add_compilation(run);
  if (run.text("host_fallback") == "1") run.add("--host-fallback");
  run.add_unless("", "--energy", "energy_table");
  std::vector<std::string> commands = {run.words()};
  if (run.text("top1").empty() || run.text("data").empty()) return commands;
  Command accuracy(points, row);
  accuracy.add("systole");
  accuracy.add("accuracy");
  add_network(accuracy, points, false);
  add_machine(accuracy);
  accuracy.add("--data", accuracy.text("data"));
  accuracy.add_unless("", "--limit", "images");
  add_compilation(accuracy);
  commands.push_back(accuracy.words());
  return commands;
}

}  // namespace systole::report_page
