// SPDX-License-Identifier: Apache-2.0
// Asks CLI11 for what it was told.
#include "sim/usage/command_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <regex>
#include <set>
#include <sstream>

namespace systole::usage {
namespace {

/// The words of "a,b,c".
std::vector<std::string> words_in(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream text(list);
  for (std::string word; std::getline(text, word, ',');) words.push_back(word);
  return words;
}

/// What the checks of an option say of its values.
std::vector<std::string> checks_of(CLI::Option& option) {
  std::vector<std::string> checks;
  try {
    for (int index = 0;; ++index)
      if (std::string text = option.get_validator(index)->get_description(); !text.empty())
        checks.push_back(std::move(text));
  } catch (const CLI::OptionNotFound&) {  // behind the last
  }
  return checks;
}

Argument argument_of(CLI::Option& option) {
  Argument argument;
  if (option.get_positional() && option.get_lnames().empty())
    argument.names.push_back(option.get_name(true));
  for (const std::string& name : option.get_snames()) argument.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) argument.names.push_back("--" + name);
  // CLI11 adds what is checked to the name of the type.
  std::string type = option.get_type_name();
  for (const std::string& check : checks_of(option)) {
    type.resize(type.size() - check.size() - 1);
    static const std::regex kSet("\\{([^}]*)\\}"), kRange("in \\[(\\S+) - (\\S+)\\]");
    std::smatch found;
    if (std::regex_search(check, found, kSet)) argument.words = words_in(found[1]);
    if (std::regex_search(check, found, kRange))
      argument.range = found[1].str() + " to " + found[2].str();
  }
  const bool takes = option.get_items_expected_max() > 0;
  argument.may_lack_value = takes ? option.get_expected_min() == 0 : type.starts_with('[');
  if (takes || argument.may_lack_value) argument.value = type;
  argument.preset = option.get_default_str();
  argument.help = option.get_description();
  argument.required = option.get_required();
  argument.repeats = option.get_items_expected_max() > 1;
  return argument;
}

Command command_of(CLI::App& app, std::vector<std::string> path) {
  Command command;
  path.push_back(app.get_name());
  command.path = path;
  command.help = app.get_description();
  command.footer = app.get_footer();
  for (CLI::Option* option : app.get_options({})) {
    const bool positional = option->get_positional() && option->get_lnames().empty();
    (positional ? command.positionals : command.options).push_back(argument_of(*option));
  }
  for (CLI::App* below : app.get_subcommands(nullptr))
    command.commands.push_back(command_of(*below, path));
  return command;
}

/// The matches of the first group of `pattern` in `text`, each once, in their order.
std::vector<std::string> all_in(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  std::set<std::string> seen;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
    if (seen.insert((*it)[1]).second) found.push_back((*it)[1]);
  return found;
}

}  // namespace

std::string Command::path_text() const { return fmt::format("{}", fmt::join(path, " ")); }

Command command_tree(CLI::App& app) { return command_of(app, {}); }

Offer offer_for(const Argument& argument) {
  static const std::regex kList("`systole ([a-z]+ list)`");
  static const std::regex kInValue("[A-Z]\\.([a-z][a-z0-9]*)"), kInHelp("\\(\\.([a-z0-9]+)\\)");
  static const std::regex kFile("\\bFILE\\b"), kFolder("\\bDIR\\b");
  Offer offer;
  offer.words = argument.words;
  offer.lists = all_in(argument.help, kList);
  offer.keys = argument.value == "KEY=VALUE";
  offer.folders = std::regex_search(argument.value, kFolder);
  offer.extensions = all_in(argument.value, kInValue);
  if (std::regex_search(argument.value, kFile) && offer.extensions.empty()) {
    offer.extensions = all_in(argument.help, kInHelp);
    // Where names are, files are of the same kind: YAML.
    if (!offer.lists.empty()) offer.extensions = {"yaml"};
  }
  offer.files = std::regex_search(argument.value, kFile) || !offer.extensions.empty();
  return offer;
}

}  // namespace systole::usage
