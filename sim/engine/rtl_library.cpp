// SPDX-License-Identifier: Apache-2.0
// dlopen of a verilated core.
#include "sim/engine/rtl_library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "model/base/error.h"
#include "sim/engine/library_cache.h"

namespace systole::engine {
namespace {

/// Shares the lock of the file to the end of the process, and of those that it forks; notes that it
/// was used. False: it is not there any more.
bool begin_use(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return false;
  if (descriptor < 0)
    throw Error(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  while (flock(descriptor, LOCK_SH) != 0 && errno == EINTR) {
  }
  if (!still_names(path, descriptor)) {
    close(descriptor);
    return false;
  }
  const timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  futimens(descriptor, times);  // the date of a library of root's stays as it is
  return true;
}

}  // namespace

const verilated::RtlApi* load_rtl_library(const std::filesystem::path& path) {
  const bool loaded = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD) != nullptr;
  if (!loaded && !begin_use(path)) return nullptr;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error(fmt::format("{}: {}", path.string(), dlerror()));
  using ApiFunction = const verilated::RtlApi* (*)();
  const auto api = reinterpret_cast<ApiFunction>(dlsym(library, "systole_rtl_api"));
  if (api == nullptr) throw Error(fmt::format("{}: not a simulator of the RTL", path.string()));
  return api();
}

}  // namespace systole::engine
