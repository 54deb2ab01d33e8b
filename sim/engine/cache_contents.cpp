// SPDX-License-Identifier: Apache-2.0
// Reads names and asks locks. A build holds the file NAME.lock, a process that has loaded a library
// shares the lock of NAME.so (rtl_library.h).
#include "sim/engine/cache_contents.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <regex>

#include "model/base/error.h"
#include "sim/engine/library_cache.h"

namespace systole::engine {
namespace {

namespace fs = std::filesystem;
using State = CachedLibrary::State;

// All that builder and cache write for one library.
constexpr const char* kLibrary = ".so";
constexpr const char* kLock = ".lock";
constexpr const char* kBesides[] = {".so.build", ".so.part", ".so.log"};
constexpr const char* kSnapshots = ".snap";  // of runs of it: NAME.HASH.snap (snapshot_store.h)

/// The library that a file of this name belongs to.
std::optional<std::string> library_of(const std::string& file) {
  static const std::regex kName(
      "(core-[0-9]+x[0-9]+(-trace)?(-debug)?-[0-9a-f]{16})\\."
      "(so|lock|so\\.build|so\\.part|so\\.log|[0-9a-f]{16}\\.snap(\\.[0-9]+)?)");
  std::smatch found;
  if (!std::regex_match(file, found, kName)) return std::nullopt;
  return found[1].str();
}

/// A file that is open for reading, if it is there.
class OpenFile {
 public:
  explicit OpenFile(const fs::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool exists() const { return descriptor_ >= 0; }
  /// Takes the lock for the lifetime of this, if nobody's is in the way.
  bool lock(int kind) const { return flock(descriptor_, kind | LOCK_NB) == 0; }

 private:
  const int descriptor_;
};

State state_of(const fs::path& directory, const std::string& name) {
  if (const OpenFile lock(directory / (name + kLock)); lock.exists() && !lock.lock(LOCK_SH))
    return State::kBuilding;
  const OpenFile library(directory / (name + kLibrary));
  if (!library.exists()) return State::kUnfinished;
  return library.lock(LOCK_EX) ? State::kIdle : State::kInUse;
}

uint64_t bytes_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(path, error))) {
    const auto bytes = fs::file_size(path, error);
    return error ? 0 : bytes;
  }
  uint64_t sum = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path, error))
    if (const auto bytes = fs::file_size(entry.path(), error); !error) sum += bytes;
  return sum;
}

/// Since `path` was loaded or written last; of a file that is gone 0.
double unused_seconds(const fs::path& path) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) return 0;
  return std::max(0.0, std::difftime(std::time(nullptr), std::max(info.st_atime, info.st_mtime)));
}

/// Snapshots of runs of the library `name`, and what a killed run has left of one.
std::vector<fs::path> snapshots_of(const fs::path& directory, const std::string& name) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string file = entry.path().filename().string();
    if (file.find(kSnapshots) != std::string::npos && library_of(file) == name)
      found.push_back(entry.path());
  }
  return found;
}

/// What lies in the cache; nothing if it is not there.
fs::directory_iterator entries_of(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (!error || error == std::errc::no_such_file_or_directory) return entries;
  if (error == std::errc::not_a_directory)
    throw Error(fmt::format("{}: is a file, expected the directory of built simulators",
                            directory.string()));
  throw Error(fmt::format("{}: cannot be read: {}", directory.string(), error.message()));
}

void take_away(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) throw Error(fmt::format("{}: cannot be removed: {}", path.string(), error.message()));
}

}  // namespace

std::string CachedLibrary::array() const {
  const size_t begin = name.find('-') + 1;
  return name.substr(begin, name.find('-', begin) - begin);
}

std::vector<CachedLibrary> cached_libraries(const fs::path& directory) {
  std::map<std::string, CachedLibrary> found;
  std::error_code error;
  for (const auto& entry : entries_of(directory)) {
    const auto name = library_of(entry.path().filename().string());
    if (!name) continue;
    CachedLibrary& library = found[*name];
    library.name = *name;
    library.bytes += bytes_of(entry.path());
  }
  std::vector<CachedLibrary> libraries;
  for (auto& [name, library] : found) {
    library.state = state_of(directory, name);
    const bool whole = fs::exists(directory / (name + kLibrary), error);
    library.unused_seconds = unused_seconds(directory / (name + (whole ? kLibrary : kLock)));
    libraries.push_back(library);
  }
  return libraries;
}

bool remove_library(const fs::path& directory, const std::string& name) {
  const fs::path lock_file = directory / (name + kLock);
  const auto lock = FileLock::try_lock(lock_file);
  if (!lock) return false;
  const OpenFile library(directory / (name + kLibrary));
  if (library.exists() && !library.lock(LOCK_EX)) return false;
  take_away(directory / (name + kLibrary));
  for (const char* extension : kBesides) take_away(directory / (name + extension));
  for (const fs::path& file : snapshots_of(directory, name)) take_away(file);
  take_away(lock_file);  // last: whoever waits for it finds that it is gone, and makes it anew
  return true;
}

}  // namespace systole::engine
