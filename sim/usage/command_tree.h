// SPDX-License-Identifier: Apache-2.0
// The command line as values: what --help is made of, for whoever makes something else of it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace systole::usage {

/// An option, or an argument that stands by itself.
struct Argument {
  std::vector<std::string> names;  ///< "-o", "--output"; of one that stands by itself its name
  std::string value;               ///< "NAME|FILE"; empty: it takes none
  std::vector<std::string> words;  ///< the values that there are, if they are few
  std::string range;               ///< "1 to 4096", of a number
  std::string preset;              ///< what it is where it is not given
  std::string help;
  bool required = false;
  bool repeats = false;
  bool may_lack_value = false;  ///< --energy and --energy TABLE

  bool is_flag() const { return value.empty(); }
};

struct Command {
  std::vector<std::string> path;  ///< {"systole", "archs", "show"}
  std::string help;
  std::string footer;
  std::vector<Argument> options, positionals;
  std::vector<Command> commands;

  const std::string& name() const { return path.back(); }
  /// "systole archs show".
  std::string path_text() const;
};

/// The command `app` with all below it.
Command command_tree(CLI::App& app);

/// What shells can offer for a value.
struct Offer {
  std::vector<std::string> words;
  std::vector<std::string> lists;       ///< commands of Systole whose lines begin with names
  std::vector<std::string> extensions;  ///< of files, without the dot
  bool files = false;                   ///< of any extension, if none is told
  bool folders = false;
  bool keys = false;  ///< of an architecture, with "=" behind
};
Offer offer_for(const Argument& argument);

}  // namespace systole::usage
