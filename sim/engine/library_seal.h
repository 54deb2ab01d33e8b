// SPDX-License-Identifier: Apache-2.0
// The last bytes of a built library: which one it is, and a checksum of all before them. The loader
// of shared libraries does not mind them.
#pragma once

#include <filesystem>
#include <string>

namespace systole::engine {

/// Appends the seal of the library `name` to `file`. Throws Error.
void seal_library(const std::filesystem::path& file, const std::string& name);

/// Whether `file` is the library `name`, whole and unchanged since it was sealed.
bool has_seal(const std::filesystem::path& file, const std::string& name);

}  // namespace systole::engine
