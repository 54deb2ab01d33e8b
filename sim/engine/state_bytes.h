// SPDX-License-Identifier: Apache-2.0
// Values and vectors of plain types as bytes in memory, and back.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "model/base/error.h"
#include "sim/process/plain_writer.h"

namespace systole::engine {

class StateWriter : public process::PlainWriter<StateWriter> {
 public:
  void bytes(const void* data, size_t size) {
    const auto* first = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
  }
  void reserve(size_t bytes) { bytes_.reserve(bytes); }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

/// Reads what a StateWriter wrote, in the same order. Throws Error where there is less than asked.
class StateReader {
 public:
  explicit StateReader(std::span<const uint8_t> bytes) : rest_(bytes) {}
  std::span<const uint8_t> bytes(size_t size) {
    if (size > rest_.size()) throw Error("a snapshot is shorter than it says");
    const std::span<const uint8_t> taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  template <class T>
  void value(T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(&v, bytes(sizeof v).data(), sizeof v);
  }
  template <class Container>
  void list(Container& items) {
    using Item = typename Container::value_type;
    static_assert(std::is_trivially_copyable_v<Item>);
    uint64_t count = 0;
    value(count);
    if (count > rest_.size() / sizeof(Item)) throw Error("a snapshot is shorter than it says");
    const std::span<const uint8_t> all = bytes(count * sizeof(Item));
    items.resize(count);
    if (count > 0) std::memcpy(items.data(), all.data(), all.size());
  }
  std::span<const uint8_t> rest() const { return rest_; }

 private:
  std::span<const uint8_t> rest_;
};

}  // namespace systole::engine
