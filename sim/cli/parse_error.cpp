// SPDX-License-Identifier: Apache-2.0
// Looks at the words that CLI11 could not place.
#include "sim/cli/parse_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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
    const std::vector<std::string> names = option_names(command);
    if (std::find(names.begin(), names.end(), name) != names.end())
      return fmt::format("option '{}' stands before its command, expected it behind '{}'", name,
                         path);
    return fmt::format("{}unknown option '{}'{}", prefix, report::printable(name),
                       did_you_mean(name, names));
  }
  const std::vector<std::string> commands = command_names(command);
  // Behind one of its commands it is no command any more.
  if (!commands.empty() && command.get_subcommands().empty())
    return fmt::format("{}unknown command '{}', expected one of {}{}", prefix, shown,
                       fmt::join(commands, ", "), did_you_mean(word, commands));
  return fmt::format("{}unexpected argument '{}'", prefix, shown);
}

/// What CLI11 says; of an argument without dashes with the command that it belongs to.
std::string error_text(const CLI::App& command, const CLI::ParseError& error) {
  std::string text = error.what();
  // "Could not convert: NAME = VALUE"
  if (const std::string told = "Could not convert: "; text.starts_with(told)) {
    text.erase(0, told.size());
    const size_t equals = text.find(" = ");
    if (equals == std::string::npos) return text;
    return fmt::format("{}: '{}' is no value of this option", text.substr(0, equals),
                       text.substr(equals + 3));
  }
  const bool is_positional =
      dynamic_cast<const CLI::ValidationError*>(&error) != nullptr && !text.starts_with('-');
  return is_positional ? command_path(command) + " " + text : text;
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
                               : error_text(command, error);
  const std::string path = command_path(command);
  return fmt::format("{} (see systole {}--help)", text, path.empty() ? "" : path + " ");
}

}  // namespace systole::cli
