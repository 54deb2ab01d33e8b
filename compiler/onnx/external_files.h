// SPDX-License-Identifier: Apache-2.0
// The files beside a network that hold its tensors.
#pragma once

#include <filesystem>
#include <vector>

namespace systole::importer {

/// Files that tensors of the network `path` name as external data, each once, sorted; they need not
/// be there. None if the file is no network: reading it says why.
std::vector<std::filesystem::path> external_files(const std::filesystem::path& path);

}  // namespace systole::importer
