// SPDX-License-Identifier: Apache-2.0
// Float items to stored bytes and back: scale, zero point, and NCHW against NHWC.
#include <fmt/format.h>

#include <cmath>

#include "compiler/compile.h"
#include "compiler/quant/quantise.h"
#include "model/arch/error.h"

namespace systole {

namespace {

struct ItemShape {
  int64_t h, w, c;
  int64_t size() const { return h * w * c; }
};

ItemShape item_shape(const TensorInfo& info) {
  if (info.shape.size() != 4) {
    throw Error(
        fmt::format("tensor '{}' has {} dimensions, expected 4", info.name, info.shape.size()));
  }
  return {info.shape[1], info.shape[2], info.shape[3]};
}

/// Calls f(index as stored, index as the network states it) for every element of an item.
template <typename F>
void for_each_element(const ItemShape& s, bool channels_last, F f) {
  size_t nhwc = 0;
  if (channels_last) {
    for (; nhwc < static_cast<size_t>(s.size()); ++nhwc) f(nhwc, nhwc);
    return;
  }
  for (int64_t h = 0; h < s.h; ++h) {
    for (int64_t w = 0; w < s.w; ++w) {
      for (int64_t c = 0; c < s.c; ++c) f(nhwc++, static_cast<size_t>((c * s.h + h) * s.w + w));
    }
  }
}

}  // namespace

std::vector<int8_t> quantise_input(const TensorInfo& info, const std::vector<float>& item) {
  const ItemShape shape = item_shape(info);
  if (static_cast<int64_t>(item.size()) != shape.size()) {
    throw Error(fmt::format("input '{}': the item has {} values, expected {}", info.name,
                            item.size(), shape.size()));
  }
  const Affine affine{info.scale, info.zero_point};
  std::vector<int8_t> stored(item.size());
  for_each_element(shape, info.channels_last, [&](size_t nhwc, size_t nchw) {
    if (std::isnan(item[nchw]))
      throw Error(fmt::format("input '{}': element {} is not a number", info.name, nchw));
    stored[nhwc] = static_cast<int8_t>(quantise(item[nchw], affine));
  });
  return stored;
}

std::vector<std::vector<int8_t>> quantise_item(const QGraph& graph, const Item& item) {
  if (item.size() != graph.inputs.size())
    throw Error(
        fmt::format("{} inputs are given, the network has {}", item.size(), graph.inputs.size()));
  std::vector<std::vector<int8_t>> stored;
  for (size_t k = 0; k < item.size(); ++k)
    stored.push_back(
        quantise_input(tensor_info(graph.tensors[static_cast<size_t>(graph.inputs[k])]), item[k]));
  return stored;
}

std::vector<float> dequantise_output(const TensorInfo& info, const int8_t* stored, int64_t item) {
  const ItemShape shape = item_shape(info);
  if (item < 0 || item >= info.shape[0]) {
    throw Error(fmt::format("output '{}': item {} is outside a batch of {}", info.name, item,
                            info.shape[0]));
  }
  std::vector<float> real(static_cast<size_t>(shape.size()));
  if (!info.channel_scale.empty()) {
    const int8_t* first = stored + item * shape.size() * 4;
    for_each_element(shape, info.channels_last, [&](size_t nhwc, size_t nchw) {
      const size_t channels = static_cast<size_t>(shape.c), c = nhwc % channels;
      const int8_t* lowest = first + (nhwc - c) * 4 + c;
      uint32_t sum = 0;
      for (size_t k = 0; k < 4; ++k)
        sum |= uint32_t{static_cast<uint8_t>(lowest[k * channels])} << 8 * k;
      real[nchw] = static_cast<float>(double{info.channel_scale[c]} * static_cast<int32_t>(sum));
    });
    return real;
  }
  const int8_t* first = stored + item * shape.size();
  for_each_element(shape, info.channels_last, [&](size_t nhwc, size_t nchw) {
    real[nchw] = info.scale * static_cast<float>(first[nhwc] - info.zero_point);
  });
  return real;
}

}  // namespace systole
