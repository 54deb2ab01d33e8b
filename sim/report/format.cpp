// SPDX-License-Identifier: Apache-2.0
// Formats numbers and names for tables and messages.
#include "sim/report/format.h"

#include <fmt/format.h>

namespace systole::report {
namespace {

constexpr uint32_t kInvalid = ~0u;

/// A character of UTF-8: its code, or kInvalid, and the bytes it takes.
struct Character {
  uint32_t code;
  size_t bytes;
};

Character character_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + bytes > text.size()) return {kInvalid, 1};
  uint32_t code = first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {kInvalid, 1};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const uint32_t least = bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < least || code > 0x10ffff || surrogate) return {kInvalid, 1};
  return {code, bytes};
}

/// Control characters, line and paragraph separators, marks of direction, the byte order mark.
bool disturbs(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/// Takes two columns of a terminal, as fmt counts them.
bool is_wide(uint32_t code) {
  return code >= 0x1100 &&
         (code <= 0x115f || code == 0x2329 || code == 0x232a ||
          (code >= 0x2e80 && code <= 0xa4cf && code != 0x303f) ||
          (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
          (code >= 0xfe10 && code <= 0xfe19) || (code >= 0xfe30 && code <= 0xfe6f) ||
          (code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) ||
          (code >= 0x20000 && code <= 0x2fffd) || (code >= 0x30000 && code <= 0x3fffd) ||
          (code >= 0x1f300 && code <= 0x1f64f) || (code >= 0x1f900 && code <= 0x1f9ff));
}

}  // namespace

std::string with_commas(uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string duration_text(double seconds) {
  constexpr double kMost = 90;  // of a unit, before the next one
  if (seconds < kMost) return fmt::format("{:.0f} s", seconds);
  if (seconds < kMost * 60) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.0f} h", seconds / 3600);
}

std::string bytes_text(int64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  const double kib = static_cast<double>(bytes) / 1024;
  return kib < 1024 ? fmt::format("{:.1f} KiB", kib) : fmt::format("{:.1f} MiB", kib / 1024);
}

std::string printable(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const Character c = character_at(text, at);
    if (c.code == kInvalid)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    else if (disturbs(c.code))
      result += fmt::format("\\u{:04x}", c.code);
    else
      result += text.substr(at, c.bytes);
    at += c.bytes;
  }
  return result;
}

std::pair<size_t, bool> first_character(std::string_view text) {
  const Character c = character_at(text, 0);
  return {c.bytes, c.code != kInvalid && !disturbs(c.code)};
}

std::string line(const std::string& label, const std::string& text) {
  return fmt::format("{:<18}{}\n", label, text);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string result = "\"";
  for (char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

size_t columns_in(std::string_view text) {
  size_t columns = 0;
  for (size_t at = 0; at < text.size();) {
    const Character c = character_at(text, at);
    columns += is_wide(c.code) ? 2 : 1;
    at += c.bytes;
  }
  return columns;
}

std::string fit(std::string_view text, size_t width) {
  const std::string whole = printable(text);
  size_t columns = 0, kept = 0;  // `kept`: bytes that leave a column for the mark
  for (size_t at = 0; at < whole.size();) {
    const Character c = character_at(whole, at);
    columns += is_wide(c.code) ? 2 : 1;
    at += c.bytes;
    if (columns < width) kept = at;
  }
  return columns <= width ? whole : whole.substr(0, kept) + "~";
}

}  // namespace systole::report
