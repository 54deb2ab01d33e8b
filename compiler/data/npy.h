// SPDX-License-Identifier: Apache-2.0
// Reader of NumPy's .npy files: one dense array in C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace systole {

/// An array as stored; elements() tells how to read `bytes`.
struct NpyArray {
  enum class Type { kI8, kU8, kI32, kI64, kF32 };
  Type type = Type::kU8;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;

  int64_t elements() const;
  /// Element `i` as a number.
  double at(int64_t i) const;
  bool is_integer() const { return type != Type::kF32; }
};

/// Reads versions 1 to 3. Throws Error naming the file: not .npy, Fortran order, a type other than
/// i1, u1, i4, i8 and f4 (little-endian), absurd shape, or a size that does not match the shape.
NpyArray read_npy(const std::filesystem::path& path);

}  // namespace systole
