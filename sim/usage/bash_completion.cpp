// SPDX-License-Identifier: Apache-2.0
// A function that finds the command that is typed, and a case for each option and command.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/usage/completion.h"

namespace systole::usage {
namespace {

// What does not depend on the commands. COMP_WORDS has "--engine", "=" and "rtl" as three words.
constexpr const char* kBashBegin = R"sh(# SPDX-License-Identifier: Apache-2.0
# Completion of systole for bash, made by `systole completion bash`.

_systole_words() {
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# The first words of the lines of a command of the program that is being completed.
_systole_list() {
  _systole_words "$("${COMP_WORDS[0]}" $1 2>/dev/null | cut -d ' ' -f 1)"
}

_systole_folders() {
  compopt -o filenames 2>/dev/null
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur")
}

# Files that end so, or all, and the folders on the way to them.
_systole_files() {
  local extension
  _systole_folders
  for extension in "$@"; do
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X "!*.$extension" -- "$cur")
  done
  if [ $# -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur"); fi
}

)sh";

constexpr const char* kBashFind = R"sh(
_systole() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} path=systole i
  COMPREPLY=()
  if [ "$cur" = "=" ]; then
    cur=
  elif [ "$prev" = "=" ]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
    case $prev in -*) ;; *) return ;; esac
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
)sh";

std::string commands_of(const Offer& offer) {
  std::string text;
  if (!offer.words.empty())
    text += fmt::format("_systole_words \"{}\"; ", fmt::join(offer.words, " "));
  for (const std::string& list : offer.lists) text += fmt::format("_systole_list \"{}\"; ", list);
  if (offer.keys) text += "_systole_keys; ";
  if (offer.files)
    text += fmt::format("_systole_files {}; ", fmt::join(offer.extensions, " "));
  else if (offer.folders)
    text += "_systole_folders; ";
  return text;
}

void add_paths(const Command& command, std::string& text) {
  for (const Command& below : command.commands) {
    text += fmt::format("      \"{}\") path+=\" ${{COMP_WORDS[i]}}\" ;;\n", below.path_text());
    add_paths(below, text);
  }
}

void add_values(const Command& command, std::string& text) {
  for (const Argument& option : command.options) {
    if (option.is_flag() || option.may_lack_value) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : option.names)
      patterns.push_back(fmt::format("\"{} {}\"", command.path_text(), name));
    text += fmt::format("    {}) {}return ;;\n", fmt::join(patterns, " | "),
                        commands_of(offer_for(option)));
  }
  for (const Command& below : command.commands) add_values(below, text);
}

void add_words(const Command& command, std::string& text) {
  std::vector<std::string> options, commands;
  for (const Argument& option : command.options)
    options.insert(options.end(), option.names.begin(), option.names.end());
  for (const Command& below : command.commands) commands.push_back(below.name());
  std::string others;
  if (!commands.empty()) others = fmt::format("_systole_words \"{}\"; ", fmt::join(commands, " "));
  for (const Argument& positional : command.positionals)
    others += commands_of(offer_for(positional));
  text += fmt::format(
      "    \"{}\")\n      case $cur in\n        -*) _systole_words \"{}\" ;;\n"
      "        *) {};;\n      esac\n      ;;\n",
      command.path_text(), fmt::join(options, " "), others);
  for (const Command& below : command.commands) add_words(below, text);
}

}  // namespace

std::string bash_completion(const Command& program, const std::vector<std::string>& keys) {
  std::string text = kBashBegin;
  text += fmt::format(
      "_systole_keys() {{\n  compopt -o nospace 2>/dev/null\n  _systole_words \"{}=\"\n}}\n",
      fmt::join(keys, "= "));
  text += kBashFind;
  add_paths(program, text);
  text += "    esac\n  done\n  case \"$path $prev\" in\n";
  add_values(program, text);
  text += "  esac\n  case \"$path\" in\n";
  add_words(program, text);
  return text + "  esac\n}\n\ncomplete -F _systole systole\n";
}

}  // namespace systole::usage
