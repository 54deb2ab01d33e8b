// SPDX-License-Identifier: Apache-2.0
// A YAML file of one document, in which no key stands twice: yaml-cpp would use the first and say
// nothing.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

namespace systole::arch {

/// Null if `text` has no document. Throws YAML::ParserException with the place: broken, a second
/// document.
YAML::Node parse_yaml_document(const std::string& text);
/// The same of `file`; throws YAML::BadFile if it cannot be read.
YAML::Node read_yaml_document(const std::string& file);

/// A key that its map has already.
struct RepeatedKey {
  YAML::Node key;
  int first_line = 0;  ///< from 1
  /// "'KEY' is given twice, first in line N".
  std::string text() const;
};

/// The first of the maps in `document`, however deep; none if all keys differ.
std::optional<RepeatedKey> find_repeated_key(const YAML::Node& document);

}  // namespace systole::arch
