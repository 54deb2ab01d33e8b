// SPDX-License-Identifier: Apache-2.0
// A sweep file as YAML whose every place can be named.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <string>
#include <vector>

namespace systole::sweep {

class SpecFile {
 public:
  /// Throws Error: no such file, broken YAML, no map.
  explicit SpecFile(const std::filesystem::path& file);

  const YAML::Node& root() const { return root_; }
  const std::string& name() const { return name_; }
  /// "file:line:column" of a node.
  std::string place(const YAML::Node& node) const;
  /// Of the character `offset` of a scalar's text, which may go over several lines.
  std::string place(const YAML::Node& scalar, size_t offset) const;
  [[noreturn]] void fail(const YAML::Node& node, const std::string& problem) const;
  /// The text of a scalar that is not empty. Throws Error "expected WHAT".
  std::string scalar(const YAML::Node& node, const std::string& what) const;
  /// A file is relative to the sweep's; a name stays one.
  std::string in_folder(const std::string& name_or_path) const;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  const std::string name_;
  const std::filesystem::path folder_;
  YAML::Node root_;
  std::vector<std::string> lines_;
};

}  // namespace systole::sweep
