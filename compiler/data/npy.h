// SPDX-License-Identifier: Apache-2.0
// Reader of NumPy's .npy files: one dense array in C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace systole::data {

/// An array as stored; elements() tells how to read `bytes`.
struct NpyArray {
  enum class Type { kBool, kI8, kU8, kI16, kU16, kI32, kU32, kI64, kU64, kF16, kF32, kF64 };
  Type type = Type::kU8;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;

  int64_t elements() const;
  /// Element `i` as a number.
  double at(int64_t i) const;
  bool is_integer() const { return type < Type::kF16; }
};

/// Reads versions 1 to 3. Throws Error naming the file: not .npy, Fortran order, a type other than
/// bool, integers of 1 to 8 bytes and floats of 2 to 8 (little-endian), absurd shape, or a size
/// that does not match the shape.
NpyArray read_npy(const std::filesystem::path& path);

}  // namespace systole::data
