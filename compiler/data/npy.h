// SPDX-License-Identifier: Apache-2.0
// Reader of NumPy's .npy files: one dense array in C order, whole or in parts.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
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

/// An open file, of which parts are read: it may be larger than memory.
class NpyFile {
 public:
  /// Reads the header, of versions 1 to 3. Throws Error naming the file: not .npy, Fortran order, a
  /// type other than bool, integers of 1 to 8 bytes and floats of 2 to 8 (little-endian), absurd
  /// shape, or a size that does not match the shape.
  explicit NpyFile(const std::filesystem::path& path);

  NpyArray::Type type() const { return type_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t elements() const;
  /// `count` elements from the `first` on, as an array of one dimension. From any thread. Throws
  /// Error: the file has been cut since.
  NpyArray part(int64_t first, int64_t count) const;

 private:
  struct Closed {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name_;
  std::unique_ptr<std::FILE, Closed> file_;
  NpyArray::Type type_ = NpyArray::Type::kU8;
  std::vector<int64_t> shape_;
  int64_t start_ = 0;  ///< of the elements, in bytes
};

/// All of it. Throws Error as NpyFile does.
NpyArray read_npy(const std::filesystem::path& path);

}  // namespace systole::data
