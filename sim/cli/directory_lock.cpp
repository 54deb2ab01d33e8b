// SPDX-License-Identifier: Apache-2.0
// flock on the directory itself.
#include "sim/cli/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace systole::cli {

DirectoryLock::DirectoryLock(const std::filesystem::path& directory, double seconds)
    : descriptor_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (descriptor_ >= 0 && flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    taken_ = errno == EWOULDBLOCK;
    if (!taken_ || Clock::now() >= end) return;
    taken_ = false;
    usleep(20'000);
  }
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace systole::cli
