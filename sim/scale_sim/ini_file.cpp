// SPDX-License-Identifier: Apache-2.0
// Reads sections, keys and values line by line.
#include "sim/scale_sim/ini_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "model/base/error.h"

namespace systole::scale_sim {
namespace {

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string key_of(const std::string& section, std::string key) {
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return section + "." + key;
}

}  // namespace

IniFile::IniFile(const std::filesystem::path& file) : name_(file.string()) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) throw Error(name_ + ": no such file");
  if (!std::filesystem::is_regular_file(file, error)) throw Error(name_ + ": not a regular file");
  std::ifstream stream(file);
  if (!stream) throw Error(name_ + ": cannot be read");
  std::string section;
  int number = 0;
  for (std::string line; std::getline(stream, line);) read_line(trimmed(line), ++number, section);
}

void IniFile::read_line(std::string line, int number, std::string& section) {
  if (line.empty() || line[0] == '#' || line[0] == ';') return;
  const std::string where = fmt::format("{}:{}", name_, number);
  if (line[0] == '[' && line.back() == ']') {
    section = trimmed(line.substr(1, line.size() - 2));
    return;
  }
  const size_t sign = line.find_first_of("=:");
  if (sign == std::string::npos || sign == 0)
    throw Error(fmt::format("{}: '{}', expected [section] or KEY = VALUE", where, line));
  if (section.empty())
    throw Error(
        fmt::format("{}: '{}' stands in no section, expected [section] before it", where, line));
  const std::string key = trimmed(line.substr(0, sign));
  const auto [entry, is_new] =
      values_.emplace(key_of(section, key), arch::YamlValue{trimmed(line.substr(sign + 1)), where});
  if (!is_new)
    throw Error(fmt::format("{}: {}: given twice (first at {})", where, key, entry->second.where));
}

bool IniFile::has_section(const std::string& section) const {
  const auto first = values_.lower_bound(section + ".");
  return first != values_.end() && first->first.starts_with(section + ".");
}

const arch::YamlValue* IniFile::find(const std::string& section, const std::string& key) const {
  const auto entry = values_.find(key_of(section, key));
  return entry == values_.end() ? nullptr : &entry->second;
}

const arch::YamlValue& IniFile::at(const std::string& section, const std::string& key) const {
  if (const arch::YamlValue* value = find(section, key)) return *value;
  throw Error(fmt::format("{}: {} in section [{}] is missing", name_, key, section));
}

}  // namespace systole::scale_sim
