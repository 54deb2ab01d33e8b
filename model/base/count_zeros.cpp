// SPDX-License-Identifier: Apache-2.0
// Compilers make vectors of sums of bytes, which hold up to 255.
#include "model/base/count_zeros.h"

#include <algorithm>

namespace systole {

int64_t count_zeros(std::span<const uint8_t> bytes) {
  constexpr size_t kLanes = 64, kRounds = 255;
  int64_t zeros = 0;
  size_t at = 0;
  while (bytes.size() - at >= kLanes) {
    uint8_t sums[kLanes] = {};
    const size_t rounds = std::min(kRounds, (bytes.size() - at) / kLanes);
    for (size_t r = 0; r < rounds; ++r, at += kLanes)
      for (size_t k = 0; k < kLanes; ++k)
        sums[k] = static_cast<uint8_t>(sums[k] + (bytes[at + k] == 0 ? 1 : 0));
    for (const uint8_t sum : sums) zeros += sum;
  }
  for (; at < bytes.size(); ++at) zeros += bytes[at] == 0 ? 1 : 0;
  return zeros;
}

}  // namespace systole
