// SPDX-License-Identifier: Apache-2.0
// Walks over what yaml-cpp has read.
#include "model/arch/yaml_document.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace systole::arch {
namespace {

class Walk {
 public:
  std::optional<RepeatedKey> over(const YAML::Node& node) {
    if (!node.IsMap() && !node.IsSequence()) return std::nullopt;
    // What an alias names is walked over once, and may hold itself.
    if (!seen_.insert({node.Mark().pos, node.IsMap()}).second) return std::nullopt;
    if (node.IsMap()) return over_map(node);
    for (const YAML::Node& item : node)
      if (auto found = over(item)) return found;
    return std::nullopt;
  }

 private:
  std::optional<RepeatedKey> over_map(const YAML::Node& map) {
    std::map<std::string, int> lines;
    for (const auto& entry : map) {
      if (entry.first.IsScalar()) {
        const auto [first, is_new] =
            lines.emplace(entry.first.Scalar(), entry.first.Mark().line + 1);
        if (!is_new) return RepeatedKey{entry.first, first->second};
      }
      if (auto found = over(entry.second)) return found;
    }
    return std::nullopt;
  }

  std::set<std::pair<int, bool>> seen_;  ///< by place, and whether it is a map
};

}  // namespace

YAML::Node parse_yaml_document(const std::string& text) {
  const std::vector<YAML::Node> documents = YAML::LoadAll(text);
  if (documents.empty()) return {};
  if (documents.size() > 1)
    throw YAML::ParserException(documents[1].Mark(), "a second document, expected one");
  return documents[0];
}

YAML::Node read_yaml_document(const std::string& file) {
  std::error_code error;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file, error)) throw YAML::BadFile(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_yaml_document(text.str());
}

std::string RepeatedKey::text() const {
  return fmt::format("'{}' is given twice, first in line {}", key.Scalar(), first_line);
}

std::optional<RepeatedKey> find_repeated_key(const YAML::Node& document) {
  return Walk().over(document);
}

}  // namespace systole::arch
