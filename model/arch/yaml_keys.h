// SPDX-License-Identifier: Apache-2.0
// A YAML file as flat keys ("array.rows") with the line of each, so that every error can name its
// place.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace systole::arch {

/// One value of a YAML file or of the command line, and where it stands.
struct YamlValue {
  std::string text;
  std::string where;  ///< "file:line", or "--set key=value"
  bool from_file = true;
};

/// Values by flat key; a key of a nested map is "outer.inner".
using YamlKeys = std::map<std::string, YamlValue>;

/// Reads the maps and scalars of one YAML document, maps nested at most `depth` deep in it. Throws
/// Error with file and line: unreadable file, broken YAML, several documents, lists, deeper maps,
/// duplicate keys, empty values.
YamlKeys read_yaml_keys(const std::filesystem::path& file, int depth = 1);
/// The same of `text`, which stands in the file `name`.
YamlKeys parse_yaml_keys(const std::string& text, const std::string& name, int depth = 1);

/// Adds "key=value" from the command line, replacing what the file says.
void override_key(YamlKeys& keys, const std::string& assignment);

/// The number in `value`, which must be written out in full and inside [min, max]. Throws Error.
int64_t to_integer(const std::string& key, const YamlValue& value, int64_t min, int64_t max);
double to_number(const std::string& key, const YamlValue& value, double min, double max);

/// Throws Error "unknown key" for the first of `keys` that is not in `known`, and suggests the
/// nearest.
void refuse_unknown_keys(const YamlKeys& keys, const std::vector<std::string>& known);

}  // namespace systole::arch
