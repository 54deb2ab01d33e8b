// SPDX-License-Identifier: Apache-2.0
// Float items to stored bytes and back: scale, zero point, and NCHW against NHWC.
#include "compiler/quant/tensor_io.h"

#include <fmt/format.h>

#include <cmath>

#include "compiler/quant/quantise.h"
#include "model/base/error.h"

namespace systole::quant {

namespace {

struct ItemShape {
  int64_t h, w, c;
  int64_t size() const { return h * w * c; }
};

ItemShape item_shape(const program::TensorInfo& info) {
  if (info.shape.size() != 4) {
    throw Error(
        fmt::format("tensor '{}' has {} dimensions, expected 4", info.name, info.shape.size()));
  }
  return {info.shape[1], info.shape[2], info.shape[3]};
}

/// Calls f(index as stored, index as the network states it) for every element of an item.
template <typename F>
void for_each_element(const ItemShape& s, const program::TensorInfo& info, F f) {
  const auto elements = static_cast<size_t>(s.size());
  if (!info.order.empty()) {
    const std::vector<program::ElementLoop>& loops = info.order;
    std::vector<int64_t> at(loops.size(), 0);
    int64_t stored = 0;
    for (size_t stated = 0; stated < elements; ++stated) {
      f(static_cast<size_t>(stored), stated);
      for (size_t d = loops.size(); d-- > 0;) {
        stored += loops[d].stride;
        if (++at[d] < loops[d].count) break;
        stored -= loops[d].count * loops[d].stride;
        at[d] = 0;
      }
    }
    return;
  }
  size_t nhwc = 0;
  if (info.channels_last) {
    for (; nhwc < elements; ++nhwc) f(nhwc, nhwc);
    return;
  }
  for (int64_t h = 0; h < s.h; ++h) {
    for (int64_t w = 0; w < s.w; ++w) {
      for (int64_t c = 0; c < s.c; ++c) f(nhwc++, static_cast<size_t>((c * s.h + h) * s.w + w));
    }
  }
}

}  // namespace

std::vector<int8_t> quantise_input(const program::TensorInfo& info,
                                   const std::vector<float>& item) {
  const ItemShape shape = item_shape(info);
  if (static_cast<int64_t>(item.size()) != shape.size()) {
    throw Error(fmt::format("input '{}': the item has {} values, expected {}", info.name,
                            item.size(), shape.size()));
  }
  const Affine affine{info.scale, info.zero_point};
  std::vector<int8_t> stored(item.size());
  for_each_element(shape, info, [&](size_t nhwc, size_t stated) {
    if (std::isnan(item[stated]))
      throw Error(fmt::format("input '{}': element {} is not a number", info.name, stated));
    stored[nhwc] = static_cast<int8_t>(quantise(item[stated], affine));
  });
  return stored;
}

std::vector<float> dequantise_output(const program::TensorInfo& info, const int8_t* stored,
                                     int64_t item) {
  const ItemShape shape = item_shape(info);
  if (item < 0 || item >= info.shape[0]) {
    throw Error(fmt::format("output '{}': item {} is outside a batch of {}", info.name, item,
                            info.shape[0]));
  }
  std::vector<float> real(static_cast<size_t>(shape.size()));
  const auto bytes = static_cast<size_t>(info.type().bytes());
  const int8_t* first = stored + item * shape.size() * info.type().bytes();
  if (info.type() == isa::ElementType::kInt32) {
    for_each_element(shape, info, [&](size_t nhwc, size_t stated) {
      const size_t channels = static_cast<size_t>(shape.c), c = nhwc % channels;
      const int8_t* lowest = first + (nhwc - c) * bytes + c;
      uint32_t sum = 0;
      for (size_t k = 0; k < bytes; ++k)
        sum |= uint32_t{static_cast<uint8_t>(lowest[k * channels])} << 8 * k;
      real[stated] = static_cast<float>(double{info.channel_scale[c]} * static_cast<int32_t>(sum));
    });
    return real;
  }
  for_each_element(shape, info, [&](size_t nhwc, size_t stated) {
    real[stated] = info.scale * static_cast<float>(first[nhwc] - info.zero_point);
  });
  return real;
}

}  // namespace systole::quant
