// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy format, version 1.0, for results.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole::numpy {

/// The file's bytes: C order, little-endian float32, int8 or int32.
std::string to_npy(const std::vector<float>& values, const std::vector<int64_t>& shape);
std::string to_npy(const std::vector<int8_t>& values, const std::vector<int64_t>& shape);
std::string to_npy(const std::vector<int32_t>& values, const std::vector<int64_t>& shape);
/// Bytes of 0 and 1 as NumPy's bool.
std::string to_npy_bool(const std::vector<uint8_t>& values, const std::vector<int64_t>& shape);

}  // namespace systole::numpy
