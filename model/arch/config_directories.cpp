// SPDX-License-Identifier: Apache-2.0
// Searches the directories of configurations.
#include "model/arch/config_directories.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <set>

#include "model/base/data_folder.h"
#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::arch {

namespace fs = std::filesystem;

std::vector<fs::path> config_directories() {
  std::vector<fs::path> directories = {"configs"};
  if (const char* from_environment = std::getenv("SYSTOLE_CONFIGS"))
    directories.emplace_back(from_environment);
  directories.push_back(data_folder() / "configs");
  return directories;
}

std::vector<std::string> config_names(const fs::path& folder) {
  std::set<std::string> names;
  for (const fs::path& directory : config_directories()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory / folder, error))
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

bool names_a_file(const std::string& name_or_path) {
  const fs::path path = name_or_path;
  return path.has_parent_path() || path.extension() == ".yaml" || path.extension() == ".yml";
}

fs::path find_config(const fs::path& folder, const std::string& name_or_path,
                     const std::string& what) {
  if (names_a_file(name_or_path)) return name_or_path;
  for (const fs::path& directory : config_directories()) {
    fs::path file = directory / folder / (name_or_path + ".yaml");
    std::error_code error;
    if (fs::exists(file, error)) return file;
  }
  const std::vector<std::string> names = config_names(folder);
  throw Error(fmt::format("unknown {} '{}': expected a YAML file or one of {}{}", what,
                          name_or_path, fmt::join(names, ", "), did_you_mean(name_or_path, names)));
}

}  // namespace systole::arch
