// SPDX-License-Identifier: Apache-2.0
// How output looks on a terminal: how wide tables may be, and colours.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace systole::cli {

/// Adds --color to every command below `app`.
void add_color_option(CLI::App& app);
/// Adds --wide to a command that prints tables.
void add_wide_flag(CLI::App& command);

/// Columns that a table on standard output may take; 0: as many as it has, on no terminal and with
/// --wide.
size_t out_width();

/// `text` behind `used` columns of a line, cut to what the terminal has left.
std::string last_column(const std::string& text, size_t used);

enum class Style { kTitle, kGood, kBad, kWarning, kAside };
/// `text` in a style on standard output, or standard error, if that shows colours: on a terminal,
/// unless NO_COLOR is set or --color says otherwise.
std::string styled_out(Style style, std::string_view text);
std::string styled_err(Style style, std::string_view text);

/// A table with its first line as title, and the line on what was left out, if any, aside.
std::string shown_table(std::string_view table);

}  // namespace systole::cli
