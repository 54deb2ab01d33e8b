// SPDX-License-Identifier: Apache-2.0
// A constant tensor of the network: initializers, Constant nodes, and what is computed from them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace systole::values {

/// Dimensions of a tensor as ONNX states them; empty: a scalar.
using Dims = std::vector<int64_t>;

/// Most elements of a constant, and of one item of an activation: absurd dimensions must not
/// allocate absurd memory.
constexpr int64_t kMaxConstant = int64_t{1} << 28;
constexpr int64_t kMaxItem = int64_t{1} << 26;
constexpr int64_t kMaxBatchElements = int64_t{1}
                                      << 40;  ///< of a whole batch, which is never allocated here

/// Data types of ONNX 1.16; older protobuf definitions lack the names.
constexpr int kOnnxUint4 = 21, kOnnxInt4 = 22;

/// Whether an ONNX data type is one of the real types that are read as float32.
bool is_real_type(int type);
/// "FLOAT16"; the number of a type that has no name here.
std::string type_name(int type);

/// "[1, 3, 32, 32]"
std::string dims_text(const Dims& dims);
/// Product of `dims`. Throws Error naming `what` if one is negative or the product exceeds `limit`.
int64_t element_count(const Dims& dims, const std::string& what, int64_t limit = kMaxConstant);

/// Scales of a constant that was dequantised: its elements are integers of 8 bits times these.
struct LiteralScales {
  std::vector<float> scale;  ///< one, or one for each index of dimension `axis`
  int64_t axis = 0;
  bool operator==(const LiteralScales&) const = default;
};

/// A dense tensor of float32 or of integers (every ONNX integer type and bool).
struct Literal {
  Dims dims;
  bool is_float = true;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  int type = 0;                         ///< of ONNX, as the file states it; 0: computed
  std::optional<LiteralScales> scales;  ///< of floats that stand for integers
  std::vector<double> exact;            ///< of floats that were int32: before rounding to float32

  int64_t size() const { return static_cast<int64_t>(is_float ? floats.size() : ints.size()); }
  bool operator==(const Literal&) const = default;
};

/// Reads a tensor, from the file beside the network if its data is external. Throws Error naming
/// the tensor: type not supported, data shorter or longer than its dimensions, external file
/// unusable.
Literal read_literal(const onnx::TensorProto& proto, const std::filesystem::path& folder);

}  // namespace systole::values
