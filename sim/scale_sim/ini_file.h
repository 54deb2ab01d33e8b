// SPDX-License-Identifier: Apache-2.0
// A file of sections and values, as Python's configparser reads it, and SCALE-Sim with it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "model/arch/yaml_keys.h"

namespace systole::scale_sim {

/// Values by "section.key", the key in small letters.
class IniFile {
 public:
  /// Throws Error with file and line: unreadable, a value outside of a section, a line that is
  /// neither a section nor a value, a key twice.
  explicit IniFile(const std::filesystem::path& file);

  const std::string& name() const { return name_; }
  bool has_section(const std::string& section) const;
  /// Null: not there.
  const arch::YamlValue* find(const std::string& section, const std::string& key) const;
  /// Throws Error if it is not there.
  const arch::YamlValue& at(const std::string& section, const std::string& key) const;
  /// All of them, by section and key as the file writes them.
  const std::map<std::string, arch::YamlValue>& values() const { return values_; }

 private:
  void read_line(std::string line, int number, std::string& section);

  const std::string name_;
  std::map<std::string, arch::YamlValue> values_;
};

}  // namespace systole::scale_sim
