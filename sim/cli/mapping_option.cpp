// SPDX-License-Identifier: Apache-2.0
// Tells the file of --mapping from the words around it.
#include "sim/cli/mapping_option.h"

#include <filesystem>

#include "model/base/error.h"

namespace systole::cli {
namespace {

constexpr const char* kOption = "--mapping";
constexpr const char* kNoFile = "-";

bool is_mapping(const std::string& word) {
  const std::string extension = std::filesystem::path(word).extension().string();
  return !word.starts_with('-') && (extension == ".yaml" || extension == ".yml");
}

}  // namespace

std::vector<std::string> join_mapping_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> joined;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != kOption)
      joined.push_back(arguments[i]);
    else if (i + 1 < arguments.size() && is_mapping(arguments[i + 1]))
      joined.push_back(std::string(kOption) + "=" + arguments[++i]);
    else
      joined.push_back(std::string(kOption) + "=" + kNoFile);
  }
  return joined;
}

void take_mapping(RunCommand& options) {
  if (options.mapping.empty()) return;
  if (options.compile.is_program())
    throw Error("--mapping: a program file is cut already, expected a network: " +
                options.compile.network.string());
  if (options.compile.repeat != 1)
    throw Error("--mapping: tells of one batch, expected no --repeat");
  if (options.explain)
    throw Error("--mapping: other hardware has other mappings, expected no --explain");
  options.compile.tells_mapping = true;
  if (options.mapping != kNoFile) options.compile.mapping = options.mapping;
}

}  // namespace systole::cli
