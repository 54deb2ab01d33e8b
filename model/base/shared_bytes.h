// SPDX-License-Identifier: Apache-2.0
// Bytes that do not change any more and are not copied with who holds them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace systole {

/// A view of bytes and a share in what keeps them: a vector, or a file in memory. A program's
/// segments are megabytes; loading a program leaves them in the mapped file.
class SharedBytes {
 public:
  using const_iterator = const uint8_t*;

  SharedBytes() = default;
  SharedBytes(std::vector<uint8_t> bytes) {  // NOLINT(google-explicit-constructor): takes it over
    const auto owner = std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
    view_ = *owner;
    owner_ = owner;
  }
  /// `view` lies in memory that lives as long as `owner`.
  SharedBytes(std::shared_ptr<const void> owner, std::span<const uint8_t> view)
      : owner_(std::move(owner)), view_(view) {}

  size_t size() const { return view_.size(); }
  const uint8_t* data() const { return view_.data(); }
  const uint8_t& operator[](size_t at) const { return view_[at]; }
  const_iterator begin() const { return view_.data(); }
  const_iterator end() const { return view_.data() + view_.size(); }

  friend bool operator==(const SharedBytes& a, const SharedBytes& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const uint8_t> view_;
};

}  // namespace systole
