// SPDX-License-Identifier: Apache-2.0
// Writes .npy.
#include "sim/numpy/npy_writer.h"

#include <fmt/format.h>

namespace systole::numpy {
namespace {

// Magic, version, header length, header padded so that the data starts at a multiple of 64.
std::string header(const char* type, const std::vector<int64_t>& shape) {
  std::string dims;
  for (int64_t d : shape) dims += fmt::format("{}, ", d);
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, dims);
  constexpr size_t kPrefix = 10;
  text.append(63 - (kPrefix + text.size()) % 64, ' ');
  text += '\n';
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(text.size() & 0xff);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text;
}

template <typename T>
std::string npy(const char* type, const std::vector<T>& values, const std::vector<int64_t>& shape) {
  return header(type, shape) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}  // namespace

std::string to_npy(const std::vector<float>& values, const std::vector<int64_t>& shape) {
  return npy("<f4", values, shape);
}

std::string to_npy(const std::vector<int8_t>& values, const std::vector<int64_t>& shape) {
  return npy("|i1", values, shape);
}

std::string to_npy(const std::vector<int32_t>& values, const std::vector<int64_t>& shape) {
  return npy("<i4", values, shape);
}

std::string to_npy_bool(const std::vector<uint8_t>& values, const std::vector<int64_t>& shape) {
  return npy("|b1", values, shape);
}

}  // namespace systole::numpy
