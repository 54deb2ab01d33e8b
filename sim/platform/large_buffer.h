// SPDX-License-Identifier: Apache-2.0
// Memory for megabytes that are filled at once.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <vector>

namespace systole::platform {

/// Reserves `bytes` in an empty vector and asks the system for large pages, where it has them: the
/// first touch of every 4 KiB page costs more than filling it.
inline void reserve_large(std::vector<uint8_t>& buffer, size_t bytes) {
  constexpr uintptr_t kPage = 4096;
  constexpr size_t kWorthwhile = 4 << 20;
  buffer.reserve(bytes);
  if (bytes < kWorthwhile) return;
  const auto begin = reinterpret_cast<uintptr_t>(buffer.data());
  const uintptr_t start = (begin + kPage - 1) / kPage * kPage;
  const uintptr_t end = (begin + bytes) / kPage * kPage;
  // If refused: small pages.
  madvise(buffer.data() + (start - begin), end - start, MADV_HUGEPAGE);
}

}  // namespace systole::platform
