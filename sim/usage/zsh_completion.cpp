// SPDX-License-Identifier: Apache-2.0
// A function for each command, with what _arguments of zsh takes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/usage/completion.h"

namespace systole::usage {
namespace {

// `program` is the local variable of _systole: the program that is being completed.
constexpr const char* kZshBegin = R"sh(#compdef systole
# SPDX-License-Identifier: Apache-2.0
# Completion of systole for zsh, made by `systole completion zsh`.

_systole_list() {
  local -a names
  names=(${${(f)"$(${(Q)program} ${=1} 2>/dev/null)"}%% *})
  compadd -a names
}

)sh";

/// `text` between single quotes, with a backslash before each of `special`.
std::string quoted(const std::string& text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += '\\';
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result;
}

std::string actions_of(const Offer& offer) {
  std::vector<std::string> actions;
  if (!offer.words.empty())
    actions.push_back(fmt::format("compadd {}", fmt::join(offer.words, " ")));
  for (const std::string& list : offer.lists)
    actions.push_back(fmt::format("_systole_list \"{}\"", list));
  if (offer.keys) actions.emplace_back("_systole_keys");
  if (offer.files && offer.extensions.empty()) actions.emplace_back("_files");
  // Of one pattern the parentheses would be qualifiers.
  if (offer.files && offer.extensions.size() == 1)
    actions.push_back(fmt::format("_files -g \"*.{}\"", offer.extensions[0]));
  if (offer.files && offer.extensions.size() > 1)
    actions.push_back(fmt::format("_files -g \"*.({})\"", fmt::join(offer.extensions, "|")));
  if (offer.folders && !offer.files) actions.emplace_back("_files -/");
  return fmt::format("{}", fmt::join(actions, "; "));
}

/// What follows the name of an option, or stands for an argument: ":VALUE:{ action }".
std::string value_of(const Argument& argument) {
  const std::string actions = actions_of(offer_for(argument));
  return fmt::format(":{}:{}", quoted(argument.value, ":\\"),
                     actions.empty() ? " " : "{ " + quoted(actions, "") + " }");
}

void add_option(const Argument& option, std::string& text) {
  for (const std::string& name : option.names) {
    const bool takes = !option.is_flag() && !option.may_lack_value;
    std::string before = option.repeats ? "*" : "";
    if (!option.repeats && option.names.size() > 1)
      before = fmt::format("({})", fmt::join(option.names, " "));
    text += fmt::format("    '{}{}{}[{}]{}'\n", before, name,
                        takes && name.starts_with("--") ? "=" : "", quoted(option.help, "[]\\:"),
                        takes ? value_of(option) : "");
  }
}

std::string function_of(const Command& command) {
  return fmt::format("_{}", fmt::join(command.path, "_"));
}

void add_function(const Command& command, std::string& text) {
  for (const Command& below : command.commands) add_function(below, text);
  text +=
      fmt::format("{}() {{\n  local curcontext=\"$curcontext\" state line\n", function_of(command));
  if (command.path.size() == 1) text += "  local program=$words[1]\n";
  text += "  typeset -A opt_args\n  local -a arguments=(\n";
  for (const Argument& option : command.options) add_option(option, text);
  if (command.commands.empty()) {
    for (const Argument& positional : command.positionals)
      text += fmt::format("    '{}{}'\n", positional.repeats ? "*" : "", value_of(positional));
    text += "  )\n  _arguments -s $arguments\n}\n\n";
    return;
  }
  text += "    '1: :->command'\n    '*:: :->rest'\n  )\n  _arguments -C -s $arguments\n";
  text += "  case $state in\n    command)\n      local -a commands=(\n";
  for (const Command& below : command.commands)
    text += fmt::format("        '{}:{}'\n", below.name(), quoted(below.help, ":\\"));
  text += "      )\n      _describe command commands\n";
  for (const Argument& positional : command.positionals)
    if (const std::string actions = actions_of(offer_for(positional)); !actions.empty())
      text += fmt::format("      {}\n", actions);
  text += "      ;;\n    rest)\n      case $line[1] in\n";
  for (const Command& below : command.commands)
    text += fmt::format("        {}) {} ;;\n", below.name(), function_of(below));
  text += "      esac\n      ;;\n  esac\n}\n\n";
}

}  // namespace

std::string zsh_completion(const Command& program, const std::vector<std::string>& keys) {
  std::string text = kZshBegin;
  text += fmt::format("_systole_keys() {{\n  compadd -S '' {}=\n}}\n\n", fmt::join(keys, "= "));
  add_function(program, text);
  return text + "_systole \"$@\"\n";
}

}  // namespace systole::usage
