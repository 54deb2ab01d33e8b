// SPDX-License-Identifier: Apache-2.0
// Looks at the words that CLI11 could not place.
#include "sim/cli/parse_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/base/did_you_mean.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* one : command.get_subcommands(nullptr)) names.push_back(one->get_name());
  return names;
}

/// What is wrong with `word`, the first that `command` did not expect.
std::string unexpected_text(const CLI::App& command, const std::string& word) {
  const std::string path = command_path(command), prefix = path.empty() ? "" : path + ": ";
  const std::string shown = report::printable(word);
  if (word.starts_with('-') && word.size() > 1) {
    const std::string name = word.substr(0, word.find('='));
    const std::string meant = did_you_mean(name, option_names(command));
    return fmt::format("{}unknown option '{}'{}", prefix, report::printable(name), meant);
  }
  const std::vector<std::string> commands = command_names(command);
  // Behind one of its commands it is no command any more.
  if (!commands.empty() && command.get_subcommands().empty())
    return fmt::format("{}unknown command '{}', expected one of {}{}", prefix, shown,
                       fmt::join(commands, ", "), did_you_mean(word, commands));
  return fmt::format("{}unexpected argument '{}'", prefix, shown);
}

}  // namespace

const CLI::App& named_command(const CLI::App& app) {
  const std::vector<CLI::App*> named = app.get_subcommands();
  return named.empty() ? app : named_command(*named.back());
}

std::string command_path(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "";
  const std::string before = command_path(*command.get_parent());
  return (before.empty() ? "" : before + " ") + command.get_name();
}

std::string parse_error_text(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = named_command(app);
  const std::vector<std::string> unexpected = app.remaining(true);
  // A word that is unknown is told before one that is missing: it may be the same, written wrong.
  const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const std::string text = (missing || extra) && !unexpected.empty()
                               ? unexpected_text(command, unexpected.front())
                               : error.what();
  const std::string path = command_path(command);
  return fmt::format("{} (see systole {}--help)", text, path.empty() ? "" : path + " ");
}

}  // namespace systole::cli
