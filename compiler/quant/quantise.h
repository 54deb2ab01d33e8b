// SPDX-License-Identifier: Apache-2.0
// The arithmetic of int8 quantisation: scales, zero points, weights, biases.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/quant/calibrate.h"

namespace systole::quant {

/// real = scale * (stored - zero).
struct Affine {
  float scale = 1.0f;
  int zero = 0;
  bool operator==(const Affine&) const = default;
};

/// Asymmetric codes of `bits` bits over `range`, which is widened to include 0. Of one bit: -1 is
/// 0, and 1 the end of the range that is further from it.
Affine affine_of(ValueRange range, int bits = 8);
/// The stored value of `real` in `bits` bits; of one bit -1 or 1, whichever is nearer.
int quantise(float real, const Affine& affine, int bits = 8);

/// Weights of a convolution, symmetric per output channel; what the vector unit needs with them.
struct QuantisedWeights {
  std::vector<int8_t> weights;  ///< [out c][taps]; of b bits in +-(2^(b-1)-1), of one bit 1 and -1
  std::vector<int32_t> bias;    ///< round(b / (x.scale * w_scale)) - x.zero * sum(w)
  std::vector<float> scale;     ///< float32 (x.scale * w_scale) / y_scale
  std::vector<float> weight_scale;  ///< w_scale
};

/// The code of a weight of `bits` bits, the nearest.
float weight_code(float weight, float scale, int bits);
/// Rounds the weights of an output channel, a code each.
using RoundChannel =
    std::function<void(size_t channel, const float* weights, float scale, int8_t* codes)>;

/// Quantises [out c][taps] weights to `bits` (8, 4, 2 or 1) for input `x` and output scale
/// `y_scale`. 8 bits cover the largest weight of a channel, or of the layer if it has at most 16
/// different ones (a codebook); fewer have the scale of the least mean squared error (one bit: the
/// mean magnitude, as in Rastegari et al., "XNOR-Net", ECCV 2016). `round` (may be empty) rounds
/// them but for a codebook, which would not stay so few; without it each gets the nearest code.
/// Throws Error (cannot compile) naming `layer` if a sum could leave 32 bits or a scale is not one
/// the hardware takes.
QuantisedWeights quantise_weights(const std::string& layer, const std::vector<float>& weights,
                                  const std::vector<float>& bias, const Affine& x, float y_scale,
                                  int bits = 8, const RoundChannel& round = {});

/// The largest bias that is looked for: half of what 32 bits hold is left for the products.
inline constexpr double kMostBias = 0x1p30;

/// Throws Error (cannot compile) naming `layer` unless sums of `taps` weights times any stored
/// activations, `bias` included, are int32.
void prove_no_overflow(const std::string& layer, size_t channel, const int8_t* weights, size_t taps,
                       int64_t bias);

/// `scale` if the hardware takes it; otherwise throws Error (cannot compile) naming `layer`.
float checked_scale(const std::string& layer, float scale);

}  // namespace systole::quant
