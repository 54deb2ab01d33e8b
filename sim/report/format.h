// SPDX-License-Identifier: Apache-2.0
// Numbers and names as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace systole::report {

/// Columns of the name of a layer in tables.
inline constexpr size_t kNameWidth = 26;

/// "1,234,567".
std::string with_commas(uint64_t value);
/// "812 B", "12.3 KiB", "4.0 MiB".
std::string bytes_text(int64_t bytes);
/// "45 s", "12 min", "3 h".
std::string duration_text(double seconds);
/// UTF-8 as it is, but control characters and what turns the direction of text as "\\u001b" and
/// bytes that are no UTF-8 as "\\xff", so that a name from a file cannot disturb a terminal or a
/// table.
std::string printable(std::string_view text);
/// The bytes of the first character of `text` (not empty), and whether `printable` leaves it.
std::pair<size_t, bool> first_character(std::string_view text);
/// `text` as a field of CSV, quoted where it must be.
std::string csv_field(const std::string& text);
/// `text` as a line of a report, behind what it tells of.
std::string line(const std::string& label, const std::string& text);
/// Columns of a terminal that `text` takes, which is printable.
size_t columns_in(std::string_view text);
/// `printable`, cut to `width` columns (wide characters take two); a cut is marked by "~".
std::string fit(std::string_view text, size_t width);

}  // namespace systole::report
