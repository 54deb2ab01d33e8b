// SPDX-License-Identifier: Apache-2.0
// A FIFO of fixed capacity whose elements are reached by age; never allocates after construction.
#pragma once

#include <cassert>
#include <cstddef>
#include <vector>

namespace systole::core {

template <typename T>
class Ring {
 public:
  explicit Ring(size_t capacity) : items_(capacity) {}

  size_t size() const { return size_; }
  size_t capacity() const { return items_.size(); }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == items_.size(); }
  /// The i-th oldest element.
  T& operator[](size_t i) { return items_[index(i)]; }
  const T& operator[](size_t i) const { return items_[index(i)]; }
  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  T& back() { return items_[index(size_ - 1)]; }

  /// Appends an element and returns it; its old contents are kept.
  T& push() {
    assert(!full());
    return items_[index(size_++)];
  }
  void push(const T& item) { push() = item; }
  void pop() {
    assert(!empty());
    head_ = index(1);
    --size_;
  }
  void clear() { head_ = size_ = 0; }
  /// The storage, whatever is queued: to prepare elements once.
  std::vector<T>& storage() { return items_; }

 private:
  size_t index(size_t i) const {
    const size_t at = head_ + i;
    return at < items_.size() ? at : at - items_.size();
  }

  std::vector<T> items_;
  size_t head_ = 0, size_ = 0;
};

}  // namespace systole::core
