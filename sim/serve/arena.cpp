// SPDX-License-Identifier: Apache-2.0
// Maps the file again whenever it has grown.
#include "sim/serve/arena.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "model/base/error.h"

namespace systole::serve {
namespace {

constexpr uint64_t kAlignment = 64;

[[noreturn]] void fail(const char* what) {
  throw Error(fmt::format("arrays: {}: {}", what, std::strerror(errno)), ExitCode::kStopped);
}

}  // namespace

Arena::~Arena() { unmap(); }

void Arena::unmap() {
  if (memory_ != nullptr) munmap(memory_, size_);
  memory_ = nullptr;
  size_ = 0;
}

uint64_t Arena::file_size() const {
  if (!is_there()) throw Error("arrays: the worker was started without --arrays FD");
  struct stat state = {};
  if (fstat(fd_, &state) != 0) fail("the shared memory cannot be looked at");
  return static_cast<uint64_t>(state.st_size);
}

void Arena::map(uint64_t size) {
  if (size == size_) return;
  unmap();
  if (size == 0) return;
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (memory == MAP_FAILED) fail("the shared memory cannot be mapped");
  memory_ = memory;
  size_ = size;
}

std::span<const float> Arena::floats(uint64_t offset, uint64_t count) {
  const uint64_t size = file_size();
  if (offset % sizeof(float) != 0)
    throw Error(fmt::format("arrays: offset {}, expected a multiple of 4", offset));
  if (offset > size || count > (size - offset) / sizeof(float))
    throw Error(fmt::format("arrays: {} floats at {}, expected them within the {} bytes shared",
                            count, offset, size));
  map(size);
  if (count == 0) return {};
  return {reinterpret_cast<const float*>(static_cast<const char*>(memory_) + offset), count};
}

uint64_t Arena::put(std::span<const float> values) {
  const uint64_t at = (next_ + kAlignment - 1) / kAlignment * kAlignment;
  const uint64_t end = at + values.size_bytes();
  uint64_t size = file_size();
  if (end > size) {
    // Room is taken now: a page that cannot be had later would end the process.
    const int error = posix_fallocate(fd_, 0, static_cast<off_t>(end));
    if (error != 0) {
      errno = error;
      fail("no room for the results");
    }
    size = end;
  }
  map(size);
  if (!values.empty())
    std::memcpy(static_cast<char*>(memory_) + at, values.data(), values.size_bytes());
  next_ = end;
  return at;
}

}  // namespace systole::serve
