// SPDX-License-Identifier: Apache-2.0
// Splits lines at commas and checks numbers.
#include "compiler/topology/csv_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>

#include "model/base/error.h"

namespace systole::topology {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  size_t from = 0;
  for (size_t comma = line.find(separator); comma != std::string::npos;
       comma = line.find(separator, from)) {
    fields.push_back(trimmed(line.substr(from, comma - from)));
    from = comma + 1;
  }
  if (const std::string last = trimmed(line.substr(from)); !last.empty()) fields.push_back(last);
  return fields;
}

}  // namespace

CsvTable::CsvTable(const std::filesystem::path& file) : file_(file.string()) {
  std::ifstream stream(file);
  if (!stream) throw Error(file_ + ": cannot be read");
  int number = 0;
  char separator = ',';
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    const bool header = header_line_ == 0;
    if (header && line.find(',') == std::string::npos && line.find('\t') != std::string::npos)
      separator = '\t';
    std::vector<std::string> fields = split(line, separator);
    if (std::all_of(fields.begin(), fields.end(), [](const auto& f) { return f.empty(); }))
      continue;
    if (header_line_ > 0) {
      rows_.push_back({number, std::move(fields)});
    } else {
      header_ = std::move(fields);
      header_line_ = number;
    }
  }
  if (header_line_ == 0) throw Error(file_ + ": is empty, expected a header and a line a layer");
  if (rows_.empty()) throw Error(file_ + ": has a header and no layers");
}

std::string CsvTable::header_place(size_t column) const {
  return fmt::format("{}:{}, column {}", file_, header_line_, column + 1);
}

std::string CsvTable::place(int line, size_t column) const {
  std::string text = fmt::format("{}:{}, column {}", file_, line, column + 1);
  if (column < header_.size()) text += fmt::format(" ({})", header_[column]);
  return text;
}

int64_t CsvTable::integer(const Row& row, size_t column, int64_t min, int64_t max) const {
  if (column >= row.fields.size())
    throw Error(fmt::format("{}: missing, expected {}..{}", place(row.line, column), min, max));
  const std::string& text = row.fields[column];
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max)
    throw Error(fmt::format("{}: '{}', expected a whole number in {}..{}", place(row.line, column),
                            text, min, max));
  return value;
}

}  // namespace systole::topology
