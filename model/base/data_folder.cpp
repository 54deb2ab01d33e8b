// SPDX-License-Identifier: Apache-2.0
// Looks beside the program and the library.
#include "model/base/data_folder.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <vector>

#include "model/base/error.h"

namespace systole {
namespace fs = std::filesystem;
namespace {

/// The running program, and the shared library that this is in, if it is in one.
std::vector<fs::path> binaries() {
  std::error_code error;
  std::vector<fs::path> files = {fs::read_symlink("/proc/self/exe", error)};
  Dl_info info = {};
  if (dladdr(reinterpret_cast<void*>(&data_folder), &info) != 0 && info.dli_fname != nullptr)
    files.push_back(fs::weakly_canonical(info.dli_fname, error));
  return files;
}

bool is_within(const fs::path& file, const fs::path& folder) {
  const std::string text = file.lexically_relative(folder).string();
  return !text.empty() && !text.starts_with("..");
}

/// share/systole of a prefix that has `file` in bin, lib or lib/TRIPLET.
fs::path beside(const fs::path& file) {
  fs::path folder = file.parent_path();
  std::error_code error;
  for (int up = 0; up < 3; ++up) {
    if (fs::is_directory(folder / "share/systole/configs", error)) return folder / "share/systole";
    folder = folder.parent_path();
  }
  return {};
}

}  // namespace

fs::path data_folder() {
  if (const char* from_environment = std::getenv("SYSTOLE_DATA")) {
    std::error_code error;
    if (!fs::is_directory(fs::path(from_environment) / "configs", error))
      throw Error(
          fmt::format("SYSTOLE_DATA: {}: has no folder 'configs', expected one like an "
                      "installed share/systole",
                      from_environment));
    return from_environment;
  }
  const std::vector<fs::path> files = binaries();
  for (const fs::path& file : files)
    if (is_within(file, SYSTOLE_BINARY_DIR)) return SYSTOLE_SOURCE_DIR;
  for (const fs::path& file : files)
    if (const fs::path found = beside(file); !found.empty()) return found;
  throw Error(
      fmt::format("{}: no share/systole beside it, which holds architectures and RTL; "
                  "install the program whole, or set SYSTOLE_DATA",
                  files[0].string()));
}

}  // namespace systole
