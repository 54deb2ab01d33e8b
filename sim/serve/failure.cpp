// SPDX-License-Identifier: Apache-2.0
// Takes errors apart, which all are "PLACE: KEY: what, expected RANGE".
#include "sim/serve/failure.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "sim/report/format.h"
#include "sim/serve/fields.h"

namespace systole::serve {
namespace {

/// What stands before each ": ", and the rest.
std::vector<std::string> parts_of(const std::string& line) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t at; (at = line.find(": ", from)) != std::string::npos; from = at + 2)
    parts.push_back(line.substr(from, at - from));
  parts.push_back(line.substr(from));
  return parts;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

/// "array.rows", "--weights", "batch": a word without blanks that is no path.
bool is_key(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
  });
}

/// Takes ":NUMBER" off the end of `text`, if it is there.
std::optional<int> take_number(std::string& text) {
  constexpr size_t kMostDigits = 9;
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || text.size() - colon - 1 > kMostDigits ||
      !is_number(std::string_view(text).substr(colon + 1)))
    return std::nullopt;
  const int number = std::stoi(text.substr(colon + 1));
  text.resize(colon);
  return number;
}

/// Adds "file" and "line" if `text` is "FILE", "FILE:LINE" or "FILE:LINE:COLUMN".
bool add_file(std::string text, Json& json) {
  std::optional<int> line = take_number(text);
  if (const std::optional<int> first = line ? take_number(text) : std::nullopt) line = first;
  const bool is_path =
      text.find('/') != std::string::npos || std::filesystem::path(text).has_extension();
  if (!is_path || text.starts_with("--")) return false;
  json["file"] = report::printable(text);
  if (line) json["line"] = *line;
  return true;
}

/// "unknown key 'KEY'"
std::optional<std::string> quoted_key(const std::string& line) {
  constexpr std::string_view kMark = "key '";
  const size_t from = line.find(kMark);
  const size_t to = from == std::string::npos ? from : line.find('\'', from + kMark.size());
  if (to == std::string::npos) return std::nullopt;
  return line.substr(from + kMark.size(), to - from - kMark.size());
}

/// What an error says that it wants, without what else stands behind.
std::optional<std::string> expected_in(const std::string& line) {
  for (const std::string_view mark :
       {"expected ", "outside ", "not in ", "is not a whole number in "}) {
    const size_t at = line.find(mark);
    if (at == std::string::npos) continue;
    return line.substr(at + mark.size(), line.find(", did you mean") - at - mark.size());
  }
  return std::nullopt;
}

/// As printable, line by line.
std::string printable_lines(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    result += (result.empty() ? "" : "\n") + report::printable(line);
  return result;
}

/// "KEY" of "--set KEY=VALUE", else the words as they are.
std::string option_key(const std::string& part) {
  if (!part.starts_with("--set ")) return part.substr(0, part.find(' '));
  return part.substr(6, part.find('=') - 6);
}

}  // namespace

std::string kind_of(int code) {
  switch (static_cast<ExitCode>(code)) {
    case ExitCode::kFine:
      return "fine";
    case ExitCode::kDifference:
      return "difference";
    case ExitCode::kBadInput:
      return "bad_input";
    case ExitCode::kCannotCompile:
      return "cannot_compile";
    case ExitCode::kStopped:
      return "stopped";
    case ExitCode::kInternal:
      return "internal";
    case ExitCode::kIncomplete:
      return "incomplete";
    case ExitCode::kInterrupted:
      return "interrupted";
  }
  return code > 128 ? "interrupted" : "internal";
}

Json failure_json(int code, const std::string& message) {
  Json json = {{"kind", kind_of(code)}, {"code", code}, {"message", printable_lines(message)}};
  const std::string first = message.substr(0, message.find('\n'));
  const std::vector<std::string> parts = parts_of(first);
  for (size_t i = 0; i + 1 < parts.size() && i < 3; ++i) {
    if (i == 0 && add_file(parts[i], json)) continue;
    if (parts[i].starts_with("--"))
      json["key"] = report::printable(option_key(parts[i]));
    else if (is_key(parts[i]))
      json["key"] = parts[i];
  }
  if (const auto key = quoted_key(first); key && !json.contains("key"))
    json["key"] = report::printable(*key);
  if (const auto expected = expected_in(first)) json["expected"] = report::printable(*expected);
  return json;
}

}  // namespace systole::serve
