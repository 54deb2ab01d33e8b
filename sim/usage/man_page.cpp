// SPDX-License-Identifier: Apache-2.0
// Writes roff with the macros of man(7).
#include "sim/usage/man_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace systole::usage {
namespace {

/// Text in which nothing means something to roff.
std::string roff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '`')
      result += "\\(ga";
    else if (c == '\'')
      result += "\\(aq";
    else if (c == '^')
      result += "\\(ha";
    else if (c == '~')
      result += "\\(ti";
    else
      result += c;
  }
  return result.starts_with('.') ? "\\&" + result : result;
}

/// Lines of the page's source, each with a break behind it.
std::string wrapped(const std::string& text) {
  constexpr size_t kWidth = 78;
  std::string result, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
      result += line + "\n";
      line.clear();
      if (word[0] == '.') word = "\\&" + word;
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? result : result + line + "\n";
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// "model|rtl|both", or what the value is called.
std::string value_text(const Argument& argument) {
  if (argument.words.empty()) return argument.value;
  return fmt::format("{}", fmt::join(argument.words, "|"));
}

std::string help_text(const Argument& argument) {
  std::string text = roff(argument.help);
  if (!text.empty() && text.back() != '.') text += '.';
  if (!argument.range.empty()) text += fmt::format(" Range: {}.", roff(argument.range));
  if (argument.required) text += " Required.";
  if (argument.repeats && text.find("repeated") == std::string::npos) text += " May be repeated.";
  if (!argument.preset.empty() && !argument.is_flag())
    text += fmt::format(" Default: {}.", bold(argument.preset));
  return text;
}

std::string entry(const Argument& argument, bool positional) {
  std::vector<std::string> names;
  for (const std::string& name : argument.names)
    names.push_back(positional ? italic(name) : bold(name));
  std::string head = fmt::format("{}", fmt::join(names, ", "));
  if (!argument.is_flag() && !(positional && argument.names[0] == argument.value))
    head += " " + italic(value_text(argument));
  return fmt::format(".TP\n{}\n{}", head, wrapped(help_text(argument)));
}

std::string synopsis(const Command& command) {
  std::string text = bold(command.path_text());
  if (!command.options.empty()) text += fmt::format(" [{}]", italic("options"));
  for (const Argument& argument : command.positionals) {
    const std::string name = italic(argument.names[0]) + (argument.repeats ? " ..." : "");
    text += argument.required ? " " + name : fmt::format(" [{}]", name);
  }
  if (!command.commands.empty()) text += " " + italic("command");
  return wrapped(text);
}

/// The parts of a footer: what a command does, examples, exit codes.
struct Footer {
  std::vector<std::string> text, examples, codes;
};

Footer parts_of(const std::string& footer) {
  Footer parts;
  std::istringstream lines(footer);
  bool in_codes = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Exit code")) in_codes = true;
    if (line.empty() || line == "Examples:" || line == "Example:") continue;
    if (line.starts_with("  "))
      parts.examples.push_back(line.substr(2));
    else
      (in_codes && !line.starts_with('`') ? parts.codes : parts.text).push_back(line);
  }
  return parts;
}

std::string paragraph(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : ".PP\n" + wrapped(roff(fmt::format("{}", fmt::join(lines, " "))));
}

/// Options and arguments, under `section` ("SH", or "SS" of a command below).
std::string arguments_text(const Command& command, const std::string& section) {
  std::string text;
  if (!command.positionals.empty()) text += fmt::format(".{} ARGUMENTS\n", section);
  for (const Argument& argument : command.positionals) text += entry(argument, true);
  if (!command.options.empty()) text += fmt::format(".{} OPTIONS\n", section);
  for (const Argument& option : command.options) text += entry(option, false);
  return text;
}

/// A command below, with its options; of the program, whose commands have pages, a line.
std::string command_text(const Command& command, bool has_page) {
  const std::string help = wrapped(roff(command.help + "."));
  if (has_page) return fmt::format(".TP\n{}\n{}", bold(command.name()), help);
  std::string text =
      fmt::format(".SS {}\n{}.PP\n{}", roff(command.path_text()), help, synopsis(command));
  for (const Argument& argument : command.positionals) text += entry(argument, true);
  for (const Argument& option : command.options) text += entry(option, false);
  return text;
}

}  // namespace

std::string man_page_file(const Command& command) {
  return fmt::format("{}.1", fmt::join(command.path, "-"));
}

namespace {

/// What a command does; the program's own words begin with its name.
std::string purpose(const Command& command) {
  const size_t colon = command.help.find(": ");
  return command.path.size() > 1 || colon == std::string::npos ? command.help
                                                               : command.help.substr(colon + 2);
}

}  // namespace

std::string man_page(const Command& command, const std::string& version, const std::string& date,
                     const std::vector<std::string>& others) {
  const std::string title = fmt::format("{}", fmt::join(command.path, "-"));
  const Footer footer = parts_of(command.footer);
  std::string text = fmt::format(
      ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Made by `systole man`.\n"
      ".TH {} 1 {} \"systole {}\" \"User Commands\"\n.SH NAME\n{}.SH SYNOPSIS\n{}",
      roff(upper(title)), date, version, wrapped(roff(title) + " \\- " + roff(purpose(command))),
      synopsis(command));
  text += fmt::format(".SH DESCRIPTION\n{}{}", wrapped(roff(command.help + ".")),
                      paragraph(footer.text));
  text += arguments_text(command, "SH");
  if (!command.commands.empty()) text += ".SH COMMANDS\n";
  for (const Command& below : command.commands)
    text += command_text(below, command.path.size() == 1);
  if (!footer.codes.empty()) text += ".SH EXIT STATUS\n" + paragraph(footer.codes).substr(4);
  if (!footer.examples.empty()) text += ".SH EXAMPLES\n.nf\n";
  for (const std::string& line : footer.examples) text += roff(line) + "\n";
  if (!footer.examples.empty()) text += ".fi\n";
  if (others.empty()) return text;
  text += ".SH SEE ALSO\n";
  for (size_t i = 0; i < others.size(); ++i)
    text += fmt::format(".BR {} (1){}\n", roff(others[i]), i + 1 < others.size() ? "," : "");
  return text;
}

}  // namespace systole::usage
