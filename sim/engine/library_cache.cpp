// SPDX-License-Identifier: Apache-2.0
// Finds, checks and locks.
#include "sim/engine/library_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "model/base/error.h"
#include "sim/engine/environment.h"

namespace systole::engine {
namespace {

namespace fs = std::filesystem;

fs::path named_cache() {
  if (const std::string own = environment("SYSTOLE_CACHE"); !own.empty()) return own;
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty())
    return fs::path(xdg) / "systole";
  if (const std::string home = environment("HOME"); !home.empty())
    return fs::path(home) / ".cache" / "systole";
  throw Error("no place for built simulators: set SYSTOLE_CACHE, XDG_CACHE_HOME or HOME");
}

/// Who holds the lock, as far as it has said so.
std::string holder_of(int descriptor) {
  char text[32] = {};
  const ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
  const long process = size > 0 ? std::strtol(text, nullptr, 10) : 0;
  return process > 0 ? fmt::format("process {}", process) : "another process";
}

/// The line that says what is waited for; nothing where stderr is no terminal.
class WaitingLine {
 public:
  ~WaitingLine() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  void show(const std::string& text) {
    if (isatty(STDERR_FILENO) == 0) return;
    drawn_ = true;
    std::fputs(("\r" + text + "\033[K").c_str(), stderr);
    std::fflush(stderr);
  }

 private:
  bool drawn_ = false;
};

int open_lock(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0)
    throw Error(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
  return descriptor;
}

/// Takes the lock of the file `path`, open as `descriptor`; false: another holds it. Where that
/// file has been removed meanwhile, `descriptor` becomes the one that has its name now.
bool take(const fs::path& path, int& descriptor) {
  while (true) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return false;
      const std::string reason = std::strerror(errno);
      close(descriptor);
      throw Error(fmt::format("{}: cannot be locked: {}", path.string(), reason));
    }
    if (still_names(path, descriptor)) return true;
    close(descriptor);
    descriptor = open_lock(path);
  }
}

/// Writes into a locked file whose it is.
void tell_holder(int descriptor) {
  const std::string own = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, own.data(), own.size(), 0) < 0)
    return;  // locked all the same, only by nobody's name
}

}  // namespace

fs::path find_library_cache() {
  std::error_code error;
  const fs::path named = named_cache();
  fs::path absolute = fs::absolute(named, error);
  if (error) throw Error(fmt::format("{}: {}", named.string(), error.message()));
  return absolute;
}

void make_library_cache(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory, error)) {
    if (fs::is_directory(directory, error)) return;
    throw Error(fmt::format("{}: is a file, expected the directory of built simulators",
                            directory.string()));
  }
  const auto fail = [&](const std::string& reason) {
    throw Error(fmt::format("{}: cannot be made: {}", directory.string(), reason));
  };
  fs::create_directories(directory.parent_path(), error);
  if (error) fail(error.message());
  // Whatever the umask, nobody else may write there. Another process may have made it meanwhile.
  if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) fail(std::strerror(errno));
  fs::permissions(directory, fs::perms::group_write | fs::perms::others_write,
                  fs::perm_options::remove, error);
}

void require_own(const fs::path& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0)
    throw Error(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  const std::string expected =
      "expected a cache of your own, which SYSTOLE_CACHE can name: code is loaded from it";
  if (info.st_uid != geteuid() && info.st_uid != 0)
    throw Error(fmt::format("{}: belongs to user {}, {}", path.string(), info.st_uid, expected));
  if ((info.st_mode & S_IWOTH) != 0)
    throw Error(fmt::format("{}: can be written by everybody, {}", path.string(), expected));
}

bool still_names(const fs::path& path, int descriptor) {
  struct stat named = {}, open = {};
  return lstat(path.c_str(), &named) == 0 && fstat(descriptor, &open) == 0 &&
         named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

FileLock::FileLock(const fs::path& path, double patience) : descriptor_(open_lock(path)) {
  const auto start = std::chrono::steady_clock::now();
  WaitingLine line;
  while (!take(path, descriptor_)) {
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    const std::string holder = holder_of(descriptor_);
    if (waited.count() < patience) {
      line.show(fmt::format("waiting for {}, which builds {}: {:.0f} s", holder,
                            path.stem().string(), waited.count()));
      usleep(100'000);
      continue;
    }
    close(descriptor_);
    throw Error(fmt::format(
        "{}: still locked by {} after {:.0f} s, expected its build to end by then; end it, or set "
        "SYSTOLE_CACHE to another directory",
        path.string(), holder, waited.count()));
  }
  tell_holder(descriptor_);
}

std::unique_ptr<FileLock> FileLock::try_lock(const fs::path& path) {
  int descriptor = open_lock(path);
  const bool taken = take(path, descriptor);
  std::unique_ptr<FileLock> lock(new FileLock(descriptor));
  if (!taken) return nullptr;
  tell_holder(descriptor);
  return lock;
}

FileLock::~FileLock() { close(descriptor_); }

}  // namespace systole::engine
