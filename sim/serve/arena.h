// SPDX-License-Identifier: Apache-2.0
// The memory that a worker shares with the process that started it: arrays lie in it, messages say
// where.
#pragma once

#include <cstdint>
#include <span>

namespace systole::serve {

/// A file without a name that both have mapped; it grows as arrays need it.
class Arena {
 public:
  /// `fd`: the file, open for reading and writing; -1: there is none, and no arrays.
  explicit Arena(int fd) : fd_(fd) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  bool is_there() const { return fd_ >= 0; }
  /// `count` floats from byte `offset` on. Throws Error if they do not all lie in the file, or not
  /// at a multiple of 4.
  std::span<const float> floats(uint64_t offset, uint64_t count);
  /// New arrays lie from byte `offset` on.
  void begin(uint64_t offset) { next_ = offset; }
  /// Puts `values` behind what was put there last; returns where. Throws Error: no memory.
  uint64_t put(std::span<const float> values);

 private:
  uint64_t file_size() const;
  void map(uint64_t size);
  void unmap();

  const int fd_;
  void* memory_ = nullptr;
  uint64_t size_ = 0;  ///< that is mapped
  uint64_t next_ = 0;
};

}  // namespace systole::serve
