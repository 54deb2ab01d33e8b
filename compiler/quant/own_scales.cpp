// SPDX-License-Identifier: Apache-2.0
// Integers of weights and biases out of their scales, and the exact form of requantisation.
#include "compiler/quant/own_scales.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "model/base/error.h"
#include "model/isa/element_type.h"
#include "model/isa/rounding.h"

namespace systole::quant {

namespace {

struct BiasAlone {
  int32_t bias = 0;
  float scale = 1.0f;
};

/// A channel whose weights are too small to be seen beside its bias (a training that let it die
/// leaves such), in a unit that has no room for the bias: the bias in a unit of its own. `step`: of
/// the sum, in real numbers; `codes`: the weights.
std::optional<BiasAlone> bias_alone(double bias, float step, float y_scale, const int8_t* codes,
                                    size_t taps) {
  constexpr double kUnseen = 0x1p-10, kRoom = 0x1p30;
  double reach = 0;
  for (size_t i = 0; i < taps; ++i) reach += 255.0 * std::abs(codes[i]);
  const double scale = double{step} / y_scale, steps = bias / y_scale;
  const bool fits = scale >= 0x1p-64 && std::fabs(steps) / scale + reach < kRoom;
  if (fits || reach * scale > kUnseen) return std::nullopt;
  BiasAlone alone;
  alone.scale = static_cast<float>(std::clamp(std::fabs(steps) / kRoom, 0x1p-60, 0x1p60));
  alone.bias = static_cast<int32_t>(std::clamp(steps / alone.scale, -kRoom, kRoom));
  return alone;
}

}  // namespace

QuantisedWeights own_weights(const graph::Node& node, const Affine& x, float y_scale, int bits) {
  const auto& conv = node.as<graph::Conv>();
  QuantisedWeights result;
  result.weights.resize(conv.weights.size());
  const size_t channels = conv.channels(), taps = conv.taps();
  const auto type = isa::ElementType::integer(bits);
  result.weight_scale = conv.weight_scale;
  const auto least = static_cast<float>(type.least()), most = static_cast<float>(type.greatest());
  for (size_t o = 0; o < channels; ++o) {
    const float scale = conv.weight_scale[o];
    int8_t* q = result.weights.data() + o * taps;
    int64_t sum = 0;
    for (size_t i = 0; i < taps; ++i) {
      // A product of an integer below 2^8 and a float32, divided by it: within 2^-15 of an integer.
      const float code = conv.weights[o * taps + i] / scale;
      const float whole = std::nearbyint(code);
      const bool fits = whole >= least && whole <= most && (bits > 1 || whole != 0.0f);
      if (!(std::fabs(code - whole) < 0x1p-10f) || !fits) {
        throw Error(fmt::format("layer '{}': weight {} of output channel {} is {} times its own "
                                "scale {}, expected an integer of {} bits",
                                node.name, i, o, code, scale, bits),
                    ExitCode::kCannotCompile);
      }
      q[i] = static_cast<int8_t>(whole);
      sum += q[i];
    }
    if (const auto alone = bias_alone(conv.exact_bias[o], x.scale * scale, y_scale, q, taps)) {
      std::fill_n(q, taps, int8_t{0});
      result.bias.push_back(alone->bias);
      result.scale.push_back(alone->scale);
      continue;
    }
    // ONNX wants biases in steps of this product; others are rounded to it.
    const double step = double{x.scale * scale};
    const double steps = conv.exact_bias[o] / step, whole = std::nearbyint(steps);
    // Of a sum whose sign alone counts: sum + b is no less than 0 where sum + floor(b) is not.
    const bool down = node.sign_only && std::fabs(steps - whole) > 1e-5;
    const int64_t bias = std::llrint(down ? std::floor(steps) : whole) - x.zero * sum;
    prove_no_overflow(node.name, o, q, taps, bias);
    result.bias.push_back(static_cast<int32_t>(bias));
    result.scale.push_back(checked_scale(node.name, (x.scale * scale) / y_scale));
  }
  return result;
}

std::array<int8_t, 256> requantisation(const Affine& x, const graph::Codes& y, float lo, float hi) {
  std::array<int8_t, 256> table;
  for (int stored = -128; stored <= 127; ++stored) {
    const float real = std::clamp(static_cast<float>(stored - x.zero) * x.scale, lo, hi);
    const float code = std::nearbyint(real / y.scale) + static_cast<float>(y.zero);
    table[static_cast<size_t>(stored + 128)] =
        static_cast<int8_t>(std::clamp(code, static_cast<float>(y.lo), static_cast<float>(y.hi)));
  }
  return table;
}

bool scale_gives(const std::array<int8_t, 256>& expected, const Affine& x, const Affine& y,
                 int clamp_lo, int clamp_hi) {
  const float scale = x.scale / y.scale;
  for (int stored = -128; stored <= 127; ++stored) {
    const float v = static_cast<float>(stored - x.zero) * scale;
    if (isa::round_clamp(v, y.zero, clamp_lo, clamp_hi) !=
        expected[static_cast<size_t>(stored + 128)])
      return false;
  }
  return true;
}

void move_ties(graph::QPost& post) {
  if (post.out_zero % 2 == 0 || post.residual->multiply) return;
  constexpr int kMostSteps = 1024;  // keeps sums of the scaled operand exact
  for (int steps = 1; steps <= kMostSteps; steps *= 2) {
    const double moved = double{post.scale[0]} * steps;
    if (moved > 255) return;
    if (moved != std::floor(moved) || static_cast<int>(moved) % 2 == 0) continue;
    const int sign = post.out_zero - static_cast<int>(moved) >= -128 ? 1 : -1;
    const int zero = post.out_zero - sign * static_cast<int>(moved);
    if (zero < -128 || zero > 127) return;
    for (int32_t& bias : post.bias) bias += sign * steps;
    post.out_zero = zero;
    return;
  }
}

}  // namespace systole::quant
