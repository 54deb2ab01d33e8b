// SPDX-License-Identifier: Apache-2.0
// Asks the terminal, the environment and the options.
#include "sim/cli/look.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "sim/cli/one_of.h"
#include "sim/report/format.h"

namespace systole::cli {
namespace {

/// Of the process, as its streams are; the options of the one command that runs.
struct Look {
  bool wide = false;
  std::string color = "auto";
};
Look look;  // NOLINT

bool shows_colors(int stream) {
  if (look.color != "auto") return look.color == "always";
  const char* no_color = std::getenv("NO_COLOR");  // no-color.org: any value but an empty one
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return isatty(stream) != 0 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

const char* code_of(Style style) {
  switch (style) {
    case Style::kTitle:
      return "1";  // bold
    case Style::kGood:
      return "32";  // green
    case Style::kBad:
      return "1;31";  // bold red
    case Style::kWarning:
      return "33";  // yellow
    case Style::kAside:
      return "2";  // faint
  }
  return "0";
}

std::string styled(Style style, std::string_view text, int stream) {
  if (text.empty() || !shows_colors(stream)) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(style), text);
}

}  // namespace

void add_color_option(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    command
        ->add_option("--color", look.color,
                     "Colours; auto: on a terminal, unless NO_COLOR is set to something")
        ->check(OneOf({"auto", "always", "never"}))
        ->capture_default_str()
        ->type_name("WHEN");
    add_color_option(*command);
  }
}

void add_wide_flag(CLI::App& command) {
  command.add_flag("--wide", look.wide,
                   "Show all columns of tables, also where the terminal is narrower");
}

size_t out_width() {
  if (look.wide || isatty(STDOUT_FILENO) == 0) return 0;
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  size_t width = 0;
  if (columns != nullptr) std::from_chars(columns, columns + std::strlen(columns), width);
  return width;
}

std::string last_column(const std::string& text, size_t used) {
  constexpr size_t kLeast = 10;
  if (out_width() == 0) return report::printable(text);
  return report::fit(text, std::max(out_width(), used + kLeast) - used);
}

std::string styled_out(Style style, std::string_view text) {
  return styled(style, text, STDOUT_FILENO);
}
std::string styled_err(Style style, std::string_view text) {
  return styled(style, text, STDERR_FILENO);
}

std::string shown_table(std::string_view table) {
  const size_t end = table.find('\n');
  if (end == std::string_view::npos) return std::string(table);
  std::string text = styled_out(Style::kTitle, table.substr(0, end));
  std::string_view rest = table.substr(end);
  const size_t aside = rest.rfind("\n(not shown: ");
  if (aside == std::string_view::npos) return text + std::string(rest);
  const size_t close = rest.find('\n', aside + 1);
  text += rest.substr(0, aside + 1);
  text += styled_out(Style::kAside, rest.substr(aside + 1, close - aside - 1));
  return text + std::string(rest.substr(close));
}

}  // namespace systole::cli
