// SPDX-License-Identifier: Apache-2.0
// The operators of the float graph: what each one computes of its inputs, before the clamp and the
// function that every node may end with.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace systole::graph {

/// Size of one item of a value; features [f] are f channels of 1x1.
struct Chw {
  int64_t c = 1, h = 1, w = 1;
  int64_t elements() const { return c * h * w; }
  bool operator==(const Chw&) const = default;
};

/// A dimension of a value.
enum class Axis { kChannel, kRow, kColumn };

/// The size along `axis`.
inline int64_t& along(Chw& shape, Axis axis) {
  return axis == Axis::kChannel ? shape.c : axis == Axis::kRow ? shape.h : shape.w;
}

/// A window that slides over rows and columns.
struct Window {
  int64_t kh = 1, kw = 1, stride_h = 1, stride_w = 1, dil_h = 1, dil_w = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  bool padded() const { return pad_top != 0 || pad_left != 0 || pad_bottom != 0 || pad_right != 0; }
  int64_t area() const { return kh * kw; }
  int64_t out_height(int64_t h) const {
    return floor_steps(h + pad_top + pad_bottom - dil_h * (kh - 1) - 1, stride_h);
  }
  int64_t out_width(int64_t w) const {
    return floor_steps(w + pad_left + pad_right - dil_w * (kw - 1) - 1, stride_w);
  }
  bool operator==(const Window&) const = default;

 private:
  static int64_t floor_steps(int64_t room, int64_t stride) {
    return room < 0 ? 0 : room / stride + 1;
  }
};

/// weights * window of inputs[0] + bias, + inputs[1] if there is one.
struct Conv {
  static constexpr std::string_view kName = "conv";
  Window window;
  int64_t group = 1;           ///< output channels of a group see only its inputs
  std::vector<float> weights;  ///< [out c][in c / group][kh][kw]
  std::vector<float> bias;     ///< [out c]
  /// [out c], of networks that arrive quantised: the weights of output channel o are
  /// weight_scale[o] times integers, in -128..127 after split_weights, and exact_bias is the bias
  /// before it was rounded to float32.
  std::vector<float> weight_scale;
  std::vector<double> exact_bias;
  std::vector<float> gamma;  ///< [out c], of the batch normalisation behind it, if there was one
  int weight_bits = 0;       ///< that each integer is stored in; 0: as few as hold them
  bool keeps_scale = false;  ///< it only selects: result and input share their codes
  int64_t dense_macs = 0;    ///< if pruned: of one item before pruning; 0: by its shape

  size_t channels() const { return bias.size(); }
  /// Weights of one output channel.
  size_t taps() const { return weights.size() / bias.size(); }
  /// Whether the network itself gives the integers that the weights are.
  bool states_integers() const { return !weight_scale.empty(); }
};

/// The greatest of a window of inputs[0]; padding never wins.
struct MaxPool {
  static constexpr std::string_view kName = "max pool";
  Window window;
};

/// The mean of a window of inputs[0], times `factor`.
struct AveragePool {
  static constexpr std::string_view kName = "average pool";
  Window window;
  bool count_include_pad = true;  ///< padding counts in the divisor
  float pad_value = 0.0f;         ///< what padding holds; not 0 only of one tap
  float factor = 1.0f;            ///< above 0
};

/// (inputs[0] + inputs[1]) * factor.
struct Add {
  static constexpr std::string_view kName = "add";
  float factor = 1.0f;      ///< above 0
  bool zero_first = false;  ///< rint(v + zero), as QLinearAdd, not rint(v) + zero
};

/// inputs[0] * scale + shift, + inputs[1] if there is one.
struct ScaleShift {
  static constexpr std::string_view kName = "scale-shift";
  std::vector<float> scale, shift;  ///< [c]
  std::vector<float> gamma;         ///< [c], if it is a batch normalisation
};

/// inputs[0].
struct Clamp {
  static constexpr std::string_view kName = "clamp";
};

/// inputs[0] between rows and columns that hold `value`.
struct Pad {
  static constexpr std::string_view kName = "pad";
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  float value = 0.0f;
  bool any() const { return top != 0 || left != 0 || bottom != 0 || right != 0; }
};

/// The elements of inputs[0] in another shape.
struct Reshape {
  static constexpr std::string_view kName = "reshape";
  bool channels_last = false;  ///< they keep their order in NHWC, not in NCHW
  /// Not empty: the NCHW index in the input of each element of the result (NCHW).
  std::vector<int32_t> from;
};

/// The node's function of inputs[0].
struct Unary {
  static constexpr std::string_view kName = "unary";
};

/// A function of two values that are not of one source.
enum class Combination { kMul, kDiv, kMax, kMin, kPow };
/// "mul", "div", "max", "min", "pow": the names of a Function's primitives.
std::string_view name_of(Combination combination);

/// inputs[0] combined with inputs[1].
struct Combine {
  static constexpr std::string_view kName = "combine";
  Combination by = Combination::kMul;
};

/// The inputs side by side along `axis`.
struct Concat {
  static constexpr std::string_view kName = "concat";
  Axis axis = Axis::kChannel;
};

/// The part of inputs[0], of the size of the result, that begins at `first`.
struct Slice {
  static constexpr std::string_view kName = "slice";
  Chw first = {0, 0, 0};
};

/// Where an input of an interleave lies: its first row and column, and how far apart they are.
struct Part {
  int64_t h = 0, w = 0, step_h = 1, step_w = 1;
};

/// Each input at its place: rows and columns of several take turns.
struct Interleave {
  static constexpr std::string_view kName = "interleave";
  std::vector<Part> parts;  ///< one an input
};

using Operator = std::variant<Clamp, Conv, MaxPool, AveragePool, Add, ScaleShift, Pad, Reshape,
                              Unary, Combine, Concat, Slice, Interleave>;

/// What kind of operator it is, in words.
std::string_view name_of(const Operator& op);
/// The window of a convolution or pool; nullptr: it has none.
const Window* window_of(const Operator& op);
Window* window_of(Operator& op);
/// Whether it surrounds its input with padding.
bool is_padded(const Operator& op);
/// What padding holds that counts: 0 but of pads and of pools that were pads.
float pad_value_of(const Operator& op);
/// What the result is multiplied by: 1 but of sums and averages.
float factor_of(const Operator& op);

}  // namespace systole::graph
