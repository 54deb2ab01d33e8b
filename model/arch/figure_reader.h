// SPDX-License-Identifier: Apache-2.0
// Keys of a YAML file that states figures, each with the source that it rests on (docs/energy.md).
#pragma once

#include <set>
#include <string>

#include "model/arch/yaml_keys.h"

namespace systole::arch {

/// A figure and whether its source gives it.
struct EnergyEntry {
  double value = 0;
  bool extrapolated = false;
  bool operator==(const EnergyEntry&) const = default;
};

/// Reads one file and remembers what was asked for. Every message names file, line and key.
class FigureReader {
 public:
  /// `what` the file is, as in "a table of energies must state it".
  FigureReader(YamlKeys keys, std::string file, std::string what)
      : keys_(std::move(keys)), file_(std::move(file)), what_(std::move(what)) {}

  const YamlKeys& keys() const { return keys_; }
  const std::string& file() const { return file_; }

  /// Null if the file does not have it.
  const YamlValue* find(const std::string& key);
  const YamlValue& require(const std::string& key);
  /// `key`.value, not negative; `key`.source, one of sources.*; `key`.extrapolated, true or false;
  /// `key`.how, which is for the reader of the file.
  EnergyEntry figure(const std::string& key);
  /// Refuses keys that nobody asked for, and sources that no figure names.
  void finish();

 private:
  const YamlKeys keys_;
  const std::string file_, what_;
  std::set<std::string> known_, used_;
};

}  // namespace systole::arch
