// SPDX-License-Identifier: Apache-2.0
// Zeros are counted in lots of lanes and one by one: every length, and sums beyond a byte.
#include "model/base/count_zeros.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

namespace systole {

TEST_CASE("zeros are counted whatever the length") {
  for (const size_t size : {0, 1, 63, 64, 65, 1000, 64 * 255, 64 * 255 + 1, 3 * 64 * 255 + 70}) {
    std::vector<int8_t> bytes(size);
    CHECK(count_zeros(bytes) == static_cast<int64_t>(size));
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<int8_t>(i * i % 7);
    CHECK(count_zeros(bytes) == std::count(bytes.begin(), bytes.end(), int8_t{0}));
  }
}

}  // namespace systole
