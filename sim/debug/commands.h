// SPDX-License-Identifier: Apache-2.0
// The debugger's commands: a line in, a text out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/debug/session.h"

namespace systole::debug {

class Commands {
 public:
  /// `session` outlives it.
  explicit Commands(Session& session) : session_(session) {}

  /// Carries out one line and returns what it says; a blank line or a comment (#) says nothing.
  /// Throws Error, after which the session goes on as it was.
  std::string execute(const std::string& line);
  /// The last line was `quit`.
  bool ended() const { return ended_; }
  /// The words with which a line that begins with `line` could go on at its last word.
  std::vector<std::string> completions(const std::string& line) const;

 private:
  using Words = std::span<const std::string>;
  struct Command {
    const char *name, *short_name, *operands, *help;
    std::string (Commands::*run)(Words operands);
  };
  static std::span<const Command> table();
  static const Command& find(const std::string& word);
  static std::string help_of(const Command& command);

  std::string where(Words operands);
  std::string step(Words operands);
  std::string instruction(Words operands);
  std::string back(Words operands);
  std::string back_instruction(Words operands);
  std::string go_to(Words operands);
  std::string run(Words operands);
  std::string reverse(Words operands);
  std::string set_break(Words operands);
  std::string remove(Words operands);
  std::string list(Words operands);
  std::string print(Words operands);
  std::string memory(Words operands);
  std::string output(Words operands);
  std::string tensor(Words operands);
  std::string who(Words operands);
  std::string disasm(Words operands);
  std::string help(Words operands);
  std::string quit(Words operands);

  /// What `print` takes.
  static std::vector<std::string> shown();
  Condition parse_condition(Words words) const;
  /// Of a tensor: where it is now. Throws Error.
  Place parse_operands_place(Words words) const;

  Session& session_;
  bool ended_ = false;
};

/// The words of a line up to one that begins a comment (#).
std::vector<std::string> split_words(const std::string& line);
/// Throws Error: WHAT 'WORD' is none of those that are known.
[[noreturn]] void throw_unknown(const std::string& what, const std::string& word,
                                const std::vector<std::string>& known);

}  // namespace systole::debug
