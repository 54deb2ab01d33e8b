// SPDX-License-Identifier: Apache-2.0
// A constant tensor of the network: initializers, Constant nodes, and what is computed from them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace systole {

/// Dimensions of a tensor as ONNX states them; empty: a scalar.
using Dims = std::vector<int64_t>;

/// Most elements of a constant, and of one item of an activation: absurd dimensions must not
/// allocate absurd memory.
constexpr int64_t kMaxConstant = int64_t{1} << 28;
constexpr int64_t kMaxItem = int64_t{1} << 26;
constexpr int64_t kMaxBatchElements = int64_t{1}
                                      << 40;  ///< of a whole batch, which is never allocated here

/// "[1, 3, 32, 32]"
std::string dims_text(const Dims& dims);
/// Product of `dims`. Throws Error naming `what` if one is negative or the product exceeds `limit`.
int64_t element_count(const Dims& dims, const std::string& what, int64_t limit = kMaxConstant);

/// A dense tensor of float32 or of integers (every ONNX integer type and bool).
struct Literal {
  Dims dims;
  bool is_float = true;
  std::vector<float> floats;
  std::vector<int64_t> ints;

  int64_t size() const { return static_cast<int64_t>(is_float ? floats.size() : ints.size()); }
  bool operator==(const Literal&) const = default;
};

/// Reads a tensor, from the file beside the network if its data is external. Throws Error naming
/// the tensor: type not supported, data shorter or longer than its dimensions, external file
/// unusable.
Literal read_literal(const onnx::TensorProto& proto, const std::filesystem::path& folder);

}  // namespace systole
