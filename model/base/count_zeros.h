// SPDX-License-Identifier: Apache-2.0
// How many bytes are zero, for megabytes of them.
#pragma once

#include <cstdint>
#include <span>

namespace systole {

int64_t count_zeros(std::span<const uint8_t> bytes);

inline int64_t count_zeros(std::span<const int8_t> bytes) {
  return count_zeros({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace systole
