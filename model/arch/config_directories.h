// SPDX-License-Identifier: Apache-2.0
// Where the files of configs/ are looked for: architectures, memories, tables of energy.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace systole::arch {

/// The directories that are searched, in order: ./configs, $SYSTOLE_CONFIGS, data_folder()'s.
std::vector<std::filesystem::path> config_directories();

/// Names of the YAML files in `folder` of them, sorted, without their extension.
std::vector<std::string> config_names(const std::filesystem::path& folder);

/// Whether a path is meant: it has a slash or ends with .yaml or .yml.
bool names_a_file(const std::string& name_or_path);

/// The file that `name_or_path` names: a path, or a name of config_names. Throws Error "unknown
/// `what` ..." that lists the names.
std::filesystem::path find_config(const std::filesystem::path& folder,
                                  const std::string& name_or_path, const std::string& what);

}  // namespace systole::arch
