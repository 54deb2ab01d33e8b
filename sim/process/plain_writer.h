// SPDX-License-Identifier: Apache-2.0
// Values and vectors of plain types as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace systole::process {

/// What a class that takes bytes, by `void bytes(const void* data, size_t size)`, gets of them.
template <class Sink>
class PlainWriter {
 public:
  template <class T>
  void value(const T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    sink().bytes(&v, sizeof v);
  }
  template <class Container>
  void list(const Container& items) {
    static_assert(std::is_trivially_copyable_v<typename Container::value_type>);
    value(uint64_t{items.size()});
    sink().bytes(items.data(), items.size() * sizeof(typename Container::value_type));
  }

 private:
  Sink& sink() { return static_cast<Sink&>(*this); }
};

}  // namespace systole::process
