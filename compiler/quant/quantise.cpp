// SPDX-License-Identifier: Apache-2.0
// Scales, zero points, weights and biases, with the proof that no sum leaves 32 bits.
#include "compiler/quant/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "model/base/error.h"
#include "model/isa/element_type.h"
#include "model/isa/rounding.h"

namespace systole::quant {

namespace {

constexpr double kLeastActivationScale =
    0x1p-60;  // keeps ratios of scales inside the hardware's range
constexpr double kLeastRequantScale = 0x1p-40;  // of a channel that contributes nothing
constexpr double kLargestBias = 0x1p29;         // leaves three quarters of int32 to the sums

/// `value`, of magnitude below 2^22, rounded to the nearest integer, ties to even: the sum has no
/// bits left for a fraction. (Unlike std::nearbyint, compilers make vector instructions of it.)
float round_half_even(float value) { return (value + 0x1.8p23f) - 0x1.8p23f; }

/// Apart from weight_code(): an exported function would not be inlined into the loops.
inline float code_of(float weight, float scale, int bits) {
  if (bits == 1) return weight < 0 ? -1.0f : 1.0f;
  const auto most = static_cast<float>((1 << (bits - 1)) - 1);
  return round_half_even(std::clamp(weight / scale, -most, most));
}

/// The scale of the least squared error among 80 between the one that covers the largest weight and
/// a fifth of it.
double least_error_scale(const float* weights, size_t taps, double largest, int bits) {
  constexpr int kSteps = 80;
  const double widest = largest / ((1 << (bits - 1)) - 1);
  double best = widest, least = INFINITY;
  for (int step = 0; step < kSteps; ++step) {
    const double scale = widest * (1.0 - 0.01 * step);
    double error = 0;
    for (size_t i = 0; i < taps; ++i) {
      const double off = scale * code_of(weights[i], static_cast<float>(scale), bits) - weights[i];
      error += off * off;
    }
    if (error >= least) continue;
    least = error;
    best = scale;
  }
  return best;
}

/// The scale at which the codes say most of the weights.
double best_scale(const float* weights, size_t taps, int bits) {
  double largest = 0, sum = 0;
  for (size_t i = 0; i < taps; ++i) {
    const double magnitude = std::fabs(weights[i]);
    largest = std::max(largest, magnitude);
    sum += magnitude;
  }
  if (bits == 8) return largest / 127.0;
  if (bits == 1) return sum / static_cast<double>(taps);
  return largest > 0 ? least_error_scale(weights, taps, largest, bits) : 0;
}

/// Whether a layer's weights are shared: with one scale for all channels they stay so few.
bool few_values(const std::vector<float>& weights) {
  constexpr size_t kFew = 16, kManyWeights = 1024;
  if (weights.size() < kManyWeights) return false;
  std::set<float> values;
  for (const float weight : weights)
    if (values.insert(weight); values.size() > kFew) return false;
  return true;
}

/// Scale of one channel's weights. A channel of (nearly) zeros gets the least scale at which its
/// bias still fits, so that the bias keeps its precision.
float weight_scale(double best, double bias, const Affine& x, double y_scale) {
  return static_cast<float>(std::max(
      {best, std::fabs(bias) / (x.scale * kLargestBias), y_scale / x.scale * kLeastRequantScale}));
}

/// Sums of a channel's weights above and below zero.
struct WeightSums {
  int64_t positive = 0, negative = 0;
};

WeightSums sum_weights(const int8_t* weights, size_t taps) {
  constexpr size_t kBlock = 65536;  // whose sums fit 32 bits, of which a vector register holds more
  WeightSums sums;
  for (size_t begin = 0; begin < taps; begin += kBlock) {
    int32_t positive = 0, negative = 0;
    for (size_t i = begin; i < std::min(taps, begin + kBlock); ++i) {
      positive += std::max<int32_t>(weights[i], 0);
      negative += std::min<int32_t>(weights[i], 0);
    }
    sums.positive += positive;
    sums.negative += negative;
  }
  return sums;
}

/// Sums of weights times any stored activations, -128 to 127, must be int32, bias included.
void prove_sums_fit(const std::string& layer, size_t channel, const WeightSums& w, int64_t bias) {
  const int64_t least = -128 * w.positive + 127 * w.negative;
  const int64_t greatest = 127 * w.positive - 128 * w.negative;
  const bool sums_fit = least >= INT32_MIN && greatest <= INT32_MAX;
  if (sums_fit && least + bias >= INT32_MIN && greatest + bias <= INT32_MAX) return;
  throw Error(
      fmt::format("layer '{}': sums of output channel {} may leave 32 bits ([{}, {}] and bias {})",
                  layer, channel, least, greatest, bias),
      ExitCode::kCannotCompile);
}

}  // namespace

Affine affine_of(ValueRange range, int bits) {
  const double lo = std::min(0.0, double{range.lo}), hi = std::max(0.0, double{range.hi});
  if (lo == hi) return {1.0f, 0};  // nothing but zeros
  Affine affine;
  if (bits == 1) {
    affine.scale = static_cast<float>(std::max(std::max(hi, -lo) / 2, kLeastActivationScale));
    affine.zero = -1;
    return affine;
  }
  const auto type = isa::ElementType::integer(bits);
  const double least = type.least(), greatest = type.greatest();
  affine.scale =
      static_cast<float>(std::max((hi - lo) / (greatest - least), kLeastActivationScale));
  affine.zero =
      static_cast<int>(std::clamp(std::nearbyint(least - lo / affine.scale), least, greatest));
  return affine;
}

int quantise(float real, const Affine& affine, int bits) {
  const float code = std::nearbyint(real / affine.scale) + static_cast<float>(affine.zero);
  if (bits == 1) return code >= 0 ? 1 : -1;
  const auto type = isa::ElementType::integer(bits);
  return static_cast<int>(
      std::clamp(code, static_cast<float>(type.least()), static_cast<float>(type.greatest())));
}

float checked_scale(const std::string& layer, float scale) {
  if (isa::legal_scale(scale)) return scale;
  throw Error(
      fmt::format("layer '{}': requantisation scale {} is outside [2^-64, 2^64)", layer, scale),
      ExitCode::kCannotCompile);
}

void prove_no_overflow(const std::string& layer, size_t channel, const int8_t* weights, size_t taps,
                       int64_t bias) {
  prove_sums_fit(layer, channel, sum_weights(weights, taps), bias);
}

float weight_code(float weight, float scale, int bits) { return code_of(weight, scale, bits); }

QuantisedWeights quantise_weights(const std::string& layer, const std::vector<float>& weights,
                                  const std::vector<float>& bias, const Affine& x, float y_scale,
                                  int bits, const RoundChannel& round) {
  QuantisedWeights result;
  result.weights.resize(weights.size());
  const size_t taps = weights.size() / bias.size();
  const double shared =
      bits == 8 && few_values(weights) ? best_scale(weights.data(), weights.size(), bits) : 0;
  for (size_t o = 0; o < bias.size(); ++o) {
    const float* w = weights.data() + o * taps;
    int8_t* q = result.weights.data() + o * taps;
    const float scale =
        weight_scale(shared > 0 ? shared : best_scale(w, taps, bits), bias[o], x, y_scale);
    if (round && shared == 0)
      round(o, w, scale, q);
    else
      for (size_t i = 0; i < taps; ++i) q[i] = static_cast<int8_t>(code_of(w[i], scale, bits));
    const WeightSums sums = sum_weights(q, taps);
    const int64_t folded =
        std::llrint(bias[o] / (double{x.scale} * scale)) - x.zero * (sums.positive + sums.negative);
    prove_sums_fit(layer, o, sums, folded);
    result.bias.push_back(static_cast<int32_t>(folded));
    result.scale.push_back(checked_scale(layer, (x.scale * scale) / y_scale));
    result.weight_scale.push_back(scale);
  }
  return result;
}

}  // namespace systole::quant
