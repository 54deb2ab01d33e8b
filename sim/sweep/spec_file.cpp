// SPDX-License-Identifier: Apache-2.0
// Keeps the text beside the nodes, which know where they begin alone.
#include "sim/sweep/spec_file.h"

#include <fmt/format.h>

#include <cctype>
#include <fstream>

#include "model/arch/config_directories.h"
#include "model/arch/yaml_document.h"
#include "model/base/error.h"

namespace systole::sweep {
namespace {

namespace fs = std::filesystem;

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

SpecFile::SpecFile(const fs::path& file) : name_(file.string()), folder_(file.parent_path()) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) throw Error(name_ + ": no such file");
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines_.push_back(std::move(line));
  try {
    root_ = arch::read_yaml_document(name_);
  } catch (const YAML::Exception& broken) {
    throw Error(fmt::format("{}:{}:{}: {}", name_, broken.mark.line + 1, broken.mark.column + 1,
                            broken.msg));
  }
  if (!root_.IsMap()) throw Error(name_ + ": expected a map with networks and architectures");
  if (const auto repeated = arch::find_repeated_key(root_)) fail(repeated->key, repeated->text());
}

std::string SpecFile::place(const YAML::Node& node) const {
  return fmt::format("{}:{}:{}", name_, node.Mark().line + 1, node.Mark().column + 1);
}

// YAML folds lines, but what is not blank stands in the file as in the text.
std::string SpecFile::place(const YAML::Node& scalar, size_t offset) const {
  const std::string& text = scalar.Scalar();
  const YAML::Mark mark = scalar.Mark();
  if (mark.line < 0 || static_cast<size_t>(mark.line) >= lines_.size()) return name_;
  size_t line = static_cast<size_t>(mark.line), column = static_cast<size_t>(mark.column);
  const std::string& first = lines_[line];
  if (column < first.size() && (first[column] == '|' || first[column] == '>')) {
    ++line;  // a block begins below its mark
    column = 0;
  } else if (column < first.size() && (first[column] == '"' || first[column] == '\'')) {
    ++column;
  }
  size_t wanted = 0;  // characters that are not blank before the one that is meant
  for (size_t i = 0; i < offset && i < text.size(); ++i) wanted += !is_blank(text[i]);
  // The end of the text is behind its last character.
  const bool at_end = offset >= text.find_last_not_of(" \n\t") + 1;
  if (at_end && wanted > 0) --wanted;
  for (; line < lines_.size(); ++line, column = 0)
    for (; column < lines_[line].size(); ++column) {
      if (is_blank(lines_[line][column])) continue;
      if (wanted-- == 0)
        return fmt::format("{}:{}:{}", name_, line + 1, column + 1 + (at_end ? 1 : 0));
    }
  return place(scalar);
}

void SpecFile::fail(const YAML::Node& node, const std::string& problem) const {
  throw Error(fmt::format("{}: {}", place(node), problem));
}

std::string SpecFile::scalar(const YAML::Node& node, const std::string& what) const {
  if (!node.IsScalar() || node.Scalar().empty()) fail(node, "expected " + what);
  return node.Scalar();
}

std::string SpecFile::in_folder(const std::string& name_or_path) const {
  const fs::path path = name_or_path;
  const bool file = arch::names_a_file(name_or_path);
  return file && path.is_relative() ? (folder_ / path).string() : name_or_path;
}

}  // namespace systole::sweep
