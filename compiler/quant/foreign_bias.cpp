// SPDX-License-Identifier: Apache-2.0
// The byte changes where the sum passes a threshold, and thresholds are few: an offset is right if
// it leaves every threshold between the two sums it was between.
#include "compiler/quant/foreign_bias.h"

#include <algorithm>
#include <cmath>

#include "model/isa/rounding.h"

namespace systole::quant {

namespace {

constexpr double kWhole = 1e-3;  // of the accumulator's unit: closer biases are multiples of it
constexpr int kCandidates = 48;  // scales of the rest that are tried

/// One output channel: its sums without the bias, and where its byte changes.
struct Channel {
  double scale = 0, bias = 0;  ///< of the sum and of the bias, over the output's scale
  int64_t least = 0, greatest = 0, zero_term = 0;
  std::vector<int64_t> first;       ///< of each threshold: the first sum beyond it
  double lowest = -1, highest = 1;  ///< thresholds may move by more than this, in sums, up to that
};

Channel make_channel(const graph::Conv& conv, const int8_t* weights, size_t taps, size_t c,
                     const Affine& x, float y_scale, const graph::QPost& post) {
  Channel channel;
  channel.scale = post.scale[c];
  channel.bias = conv.exact_bias[c] / double{y_scale};
  for (size_t i = 0; i < taps; ++i) {
    const int64_t a = int64_t{weights[i]} * (-128 - x.zero),
                  b = int64_t{weights[i]} * (127 - x.zero);
    channel.least += std::min(a, b);
    channel.greatest += std::max(a, b);
    channel.zero_term -= int64_t{weights[i]} * x.zero;
  }
  for (int byte = post.clamp_lo; byte < post.clamp_hi; ++byte) {
    const double at = (byte + 0.5 - post.out_zero - channel.bias) / channel.scale;
    const double first = std::ceil(at);
    if (!(first > static_cast<double>(channel.least) &&
          first <= static_cast<double>(channel.greatest)))
      continue;
    channel.first.push_back(static_cast<int64_t>(first));
    channel.lowest = std::max(channel.lowest, first - 1 - at);
    channel.highest = std::min(channel.highest, first - at);
  }
  return channel;
}

/// Bias and code of the rest.
struct Split {
  int32_t bias = 0;
  int8_t code = 0;
};

/// The split that puts the thresholds nearest to the middle of where they may be.
Split best_split(const Channel& channel, double rest_scale) {
  const double middle = (channel.lowest + channel.highest) / 2;
  Split best;
  double least = 2;
  for (int code = -127; code <= 127; ++code) {
    const double offset = (channel.bias - code * rest_scale) / channel.scale - middle;
    const double bias = std::nearbyint(offset);
    if (std::fabs(offset - bias) >= least || std::fabs(bias) > kMostBias) continue;
    least = std::fabs(offset - bias);
    best = {static_cast<int32_t>(static_cast<int64_t>(bias) + channel.zero_term),
            static_cast<int8_t>(code)};
  }
  return best;
}

/// Sums beside a threshold that the vector unit puts on its other side.
int64_t sums_apart(const Channel& channel, const Split& split, const graph::QPost& post,
                   float scale, float rest_scale) {
  isa::VectorSet set;
  set.out_zero = static_cast<int8_t>(post.out_zero);
  set.clamp_lo = static_cast<int8_t>(post.clamp_lo);
  set.clamp_hi = static_cast<int8_t>(post.clamp_hi);
  set.res_scale = rest_scale;
  int64_t apart = 0;
  for (int64_t first : channel.first) {
    for (int64_t sum : {first - 1, first}) {
      const double real = static_cast<double>(sum) * channel.scale + channel.bias;
      const int want = std::clamp(static_cast<int>(std::nearbyint(real)) + post.out_zero,
                                  post.clamp_lo, post.clamp_hi);
      const auto x = static_cast<int32_t>(sum - channel.zero_term);
      apart += isa::requantise(x, split.bias, scale, &split.code, set) != want;
    }
  }
  return apart;
}

}  // namespace

std::optional<BiasRest> split_bias(const graph::Conv& conv, const std::vector<int8_t>& weights,
                                   const Affine& x, float y_scale, graph::QPost& post) {
  const size_t channels = conv.channels(), taps = weights.size() / channels;
  bool whole = true;
  for (size_t c = 0; c < channels; ++c) {
    const double steps = conv.exact_bias[c] / double{x.scale * conv.weight_scale[c]};
    whole = whole && std::fabs(steps - std::nearbyint(steps)) < kWhole;
  }
  if (whole) return std::nullopt;
  std::vector<Channel> all;
  for (size_t c = 0; c < channels; ++c)
    all.push_back(make_channel(conv, weights.data() + c * taps, taps, c, x, y_scale, post));
  const float largest = *std::max_element(post.scale.begin(), post.scale.end());
  BiasRest best;
  std::vector<int32_t> bias(channels);
  best.sums_apart = INT64_MAX;
  for (int i = 0; i < kCandidates && best.sums_apart != 0; ++i) {
    BiasRest rest;
    rest.scale = largest * (0.5f + 0.61803399f * static_cast<float>(i) / 8);
    if (!isa::legal_scale(rest.scale)) return std::nullopt;
    std::vector<int32_t> biases;
    for (size_t c = 0; c < channels; ++c) {
      const Split split = best_split(all[c], rest.scale);
      rest.codes.push_back(split.code);
      biases.push_back(split.bias);
      rest.sums_apart += sums_apart(all[c], split, post, post.scale[c], rest.scale);
    }
    if (rest.sums_apart >= best.sums_apart) continue;
    best = std::move(rest);
    bias = std::move(biases);
  }
  post.bias = std::move(bias);
  return best;
}

}  // namespace systole::quant
