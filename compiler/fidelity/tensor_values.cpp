// SPDX-License-Identifier: Apache-2.0
// Scale, zero point and the order of elements.
#include "compiler/fidelity/tensor_values.h"

#include "compiler/quant/quantise.h"

namespace systole::fidelity {

namespace {

/// Calls f(index in NHWC, index in NCHW, channel) for every element of an item.
template <typename F>
void for_each_value(const graph::QTensor& tensor, F f) {
  const int64_t area = tensor.h * tensor.w;
  for (int64_t c = 0; c < tensor.c; ++c)
    for (int64_t p = 0; p < area; ++p)
      f(static_cast<size_t>(p * tensor.c + c), static_cast<size_t>(c * area + p),
        static_cast<size_t>(c));
}

}  // namespace

std::vector<float> real_values(const graph::QTensor& tensor, const std::vector<int8_t>& stored,
                               int64_t item) {
  const int64_t size = tensor.h * tensor.w * tensor.c;
  std::vector<float> nchw(static_cast<size_t>(size));
  if (tensor.sums()) {
    const std::vector<int32_t> sums = sums_of(tensor, stored);
    const int32_t* const first = sums.data() + item * size;
    for_each_value(tensor, [&](size_t from, size_t to, size_t channel) {
      nchw[to] = static_cast<float>(double{tensor.channel_scale[channel]} * first[from]);
    });
    return nchw;
  }
  const int8_t* const first = stored.data() + item * size;
  for_each_value(tensor, [&](size_t from, size_t to, size_t) {
    nchw[to] = tensor.scale * static_cast<float>(first[from] - tensor.zero_point);
  });
  return nchw;
}

std::vector<int8_t> stored_values(const graph::QTensor& tensor, const std::vector<float>& nchw) {
  const quant::Affine affine{tensor.scale, tensor.zero_point};
  std::vector<int8_t> stored(nchw.size());
  for_each_value(tensor, [&](size_t to, size_t from, size_t) {
    stored[to] = static_cast<int8_t>(quant::quantise(nchw[from], affine, tensor.type.bits()));
  });
  return stored;
}

std::vector<int32_t> sums_of(const graph::QTensor& tensor, const std::vector<int8_t>& stored) {
  const auto channels = static_cast<size_t>(tensor.c);
  std::vector<int32_t> sums(static_cast<size_t>(tensor.elements()));
  for (size_t i = 0; i < sums.size(); ++i) {
    const int8_t* const lowest = stored.data() + 4 * (i - i % channels) + i % channels;
    uint32_t sum = 0;
    for (size_t k = 0; k < 4; ++k)
      sum |= uint32_t{static_cast<uint8_t>(lowest[k * channels])} << 8 * k;
    sums[i] = static_cast<int32_t>(sum);
  }
  return sums;
}

}  // namespace systole::fidelity
