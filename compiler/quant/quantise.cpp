// SPDX-License-Identifier: Apache-2.0
// Scales, zero points, weights and biases, with the proof that no sum leaves 32 bits.
#include "compiler/quant/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/arch/error.h"
#include "model/isa/rounding.h"

namespace systole {

namespace {

constexpr double kLeastActivationScale =
    0x1p-60;  // keeps ratios of scales inside the hardware's range
constexpr double kLeastRequantScale = 0x1p-40;  // of a channel that contributes nothing
constexpr double kLargestBias = 0x1p29;         // leaves three quarters of int32 to the sums

/// Scale of one channel's weights. A channel of (nearly) zeros gets the least scale at which its
/// bias still fits, so that the bias keeps its precision.
float weight_scale(double largest, double bias, const Affine& x, double y_scale) {
  return static_cast<float>(std::max({largest / 127.0, std::fabs(bias) / (x.scale * kLargestBias),
                                      y_scale / x.scale * kLeastRequantScale}));
}

}  // namespace

Affine affine_of(Range range) {
  const double lo = std::min(0.0, double{range.lo}), hi = std::max(0.0, double{range.hi});
  if (lo == hi) return {1.0f, 0};  // nothing but zeros
  Affine affine;
  affine.scale = static_cast<float>(std::max((hi - lo) / 255.0, kLeastActivationScale));
  affine.zero =
      static_cast<int>(std::clamp(std::nearbyint(-128.0 - lo / affine.scale), -128.0, 127.0));
  return affine;
}

int quantise(float real, const Affine& affine) {
  const float steps = std::nearbyint(real / affine.scale);
  return static_cast<int>(std::clamp(steps + static_cast<float>(affine.zero), -128.0f, 127.0f));
}

float checked_scale(const std::string& layer, float scale) {
  if (legal_scale(scale)) return scale;
  throw Error(
      fmt::format("layer '{}': requantisation scale {} is outside [2^-64, 2^64)", layer, scale),
      ExitCode::kCannotCompile);
}

void prove_no_overflow(const std::string& layer, size_t channel, const int8_t* weights, size_t taps,
                       int64_t bias) {
  int64_t least = 0, greatest = 0;
  for (size_t i = 0; i < taps; ++i) {
    const int64_t a = int64_t{weights[i]} * -128, b = int64_t{weights[i]} * 127;
    least += std::min(a, b);
    greatest += std::max(a, b);
  }
  const bool sums_fit = least >= INT32_MIN && greatest <= INT32_MAX;
  if (sums_fit && least + bias >= INT32_MIN && greatest + bias <= INT32_MAX) return;
  throw Error(
      fmt::format("layer '{}': sums of output channel {} may leave 32 bits ([{}, {}] and bias {})",
                  layer, channel, least, greatest, bias),
      ExitCode::kCannotCompile);
}

QuantisedWeights quantise_weights(const std::string& layer, const std::vector<float>& weights,
                                  const std::vector<float>& bias, const Affine& x, float y_scale) {
  QuantisedWeights result;
  result.weights.resize(weights.size());
  const size_t taps = weights.size() / bias.size();
  for (size_t o = 0; o < bias.size(); ++o) {
    const float* w = weights.data() + o * taps;
    int8_t* q = result.weights.data() + o * taps;
    float largest = 0;
    for (size_t i = 0; i < taps; ++i) largest = std::max(largest, std::fabs(w[i]));
    const float scale = weight_scale(largest, bias[o], x, y_scale);
    int64_t sum = 0;
    for (size_t i = 0; i < taps; ++i) {
      q[i] = static_cast<int8_t>(std::clamp(std::nearbyint(w[i] / scale), -127.0f, 127.0f));
      sum += q[i];
    }
    const int64_t folded = std::llrint(bias[o] / (double{x.scale} * scale)) - x.zero * sum;
    prove_no_overflow(layer, o, q, taps, folded);
    result.bias.push_back(static_cast<int32_t>(folded));
    result.scale.push_back(checked_scale(layer, (x.scale * scale) / y_scale));
  }
  return result;
}

}  // namespace systole
