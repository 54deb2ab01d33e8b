// SPDX-License-Identifier: Apache-2.0
// Values and vectors of plain types through a pipe between a process and its fork.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <type_traits>

#include "sim/process/descriptor.h"
#include "sim/process/plain_writer.h"

namespace systole::process {

/// The worker's end. Where nobody reads any more, it ends the worker.
class ValueWriter : public PlainWriter<ValueWriter> {
 public:
  explicit ValueWriter(int fd) : fd_(fd) {}
  void bytes(const void* data, size_t size) {
    if (!write_all(fd_, data, size)) _exit(1);
  }

 private:
  const int fd_;
};

/// The other end. `ok` turns false at the end of the stream.
class ValueReader {
 public:
  explicit ValueReader(int fd) : fd_(fd) {}
  bool ok() const { return ok_; }
  void bytes(void* data, size_t size) { ok_ = ok_ && read_all(fd_, data, size); }
  template <class T>
  void value(T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes(&v, sizeof v);
  }
  template <class Container>
  void list(Container& items) {
    uint64_t count = 0;
    value(count);
    if (!ok_) return;
    items.resize(count);
    bytes(items.data(), count * sizeof(typename Container::value_type));
  }

 private:
  const int fd_;
  bool ok_ = true;
};

}  // namespace systole::process
