// SPDX-License-Identifier: Apache-2.0
// Convolutions of any number of dimensions on the host.
#include <algorithm>
#include <cmath>

#include "compiler/host/activations.h"
#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"
#include "compiler/host/windows.h"

namespace systole::host {

namespace {

/// Adds bias[c] to every element of channel c.
void add_bias(values::Literal& maps, const HostCall& call, size_t i) {
  if (!call.has(i)) return;
  const values::Literal& bias = call.floats(i);
  if (bias.size() != maps.dims[1])
    throw Error(fmt::format("the bias has {} elements, expected {}", bias.size(), maps.dims[1]));
  int64_t area = 1;
  for (size_t d = 2; d < maps.dims.size(); ++d) area *= maps.dims[d];
  for (size_t k = 0; k < maps.floats.size(); ++k)
    maps.floats[k] +=
        bias.floats[static_cast<size_t>(static_cast<int64_t>(k) / area % maps.dims[1])];
}

values::Literal conv_of(const HostCall& call) {
  const values::Literal &x = call.floats(0), &w = call.floats(1);
  const values::Dims kernel =
      values::ints_attribute(call.node, "kernel_shape", spatial_dims(w.dims));
  if (kernel != spatial_dims(w.dims)) throw Error("kernel_shape is not that of the weights");
  const HostWindow window = host_window(call.node, spatial_dims(x.dims), kernel);
  const int64_t group = call.attribute("group", 1);
  values::Literal result;
  result.dims = convolved_dims(x.dims, w.dims, window, group);
  result.floats = convolved(x.floats, x.dims, w.floats, w.dims, window, group);
  add_bias(result, call, 2);
  return result;
}

HostResults conv_operator(const HostCall& call) { return {conv_of(call)}; }

/// com.microsoft: a convolution, the sum with input 3, and an activation.
HostResults fused_conv(const HostCall& call) {
  values::Literal result = conv_of(call);
  if (call.has(3)) {
    if (call.floats(3).dims != result.dims) throw Error("input 3 does not fit the result");
    for (size_t i = 0; i < result.floats.size(); ++i) result.floats[i] += call.at(3).floats[i];
  }
  const std::string name = values::string_attribute(call.node, "activation", "");
  const std::vector<float> given = floats_attribute(call.node, "activation_params");
  if (name.empty()) return {std::move(result)};
  const Activation f = activation(name, given.size() > 0 ? std::optional(given[0]) : std::nullopt,
                                  given.size() > 1 ? std::optional(given[1]) : std::nullopt);
  for (float& v : result.floats) v = f(v);
  return {std::move(result)};
}

/// Pads and sizes of a transposed convolution along one dimension.
struct Transposed {
  values::Dims begin, out;
};

Transposed transposed_sizes(const onnx::NodeProto& node, const values::Dims& spatial,
                            const HostWindow& window) {
  const size_t count = spatial.size();
  const values::Dims extra = values::ints_attribute(node, "output_padding", values::Dims(count, 0));
  const values::Dims shape = values::ints_attribute(node, "output_shape", {});
  const std::string mode = values::string_attribute(node, "auto_pad", "NOTSET");
  const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (extra.size() != count || (!shape.empty() && shape.size() < count))
    throw Error("output_padding or output_shape do not fit the tensor");
  const values::Dims pads = values::ints_attribute(node, "pads", values::Dims(2 * count, 0));
  if (pads.size() != 2 * count) throw Error("pads do not fit the tensor");
  Transposed t;
  for (size_t d = 0; d < count; ++d) {
    const int64_t reach = window.dilation[d] * (window.size[d] - 1) + 1;
    const int64_t full = window.stride[d] * (spatial[d] - 1) + extra[d] + reach;
    if (shape.empty() && !same) {
      const bool valid = mode == "VALID";
      t.begin.push_back(valid ? 0 : pads[d]);
      t.out.push_back(full - (valid ? 0 : pads[d] + pads[count + d]));
    } else {
      const int64_t size =
          shape.empty() ? spatial[d] * window.stride[d] : shape[shape.size() - count + d];
      const int64_t pad = std::max<int64_t>(0, full - size);
      t.begin.push_back(mode == "SAME_UPPER" ? pad / 2 : pad - pad / 2);
      t.out.push_back(size);
    }
    if (t.out.back() < 1)
      throw Error(fmt::format("the result is empty: {}", values::dims_text(t.out)));
  }
  return t;
}

HostResults conv_transpose(const HostCall& call) {
  const values::Literal &x = call.floats(0), &w = call.floats(1);
  const values::Dims spatial = spatial_dims(x.dims);
  const values::Dims kernel =
      values::ints_attribute(call.node, "kernel_shape", spatial_dims(w.dims));
  if (kernel != spatial_dims(w.dims)) throw Error("kernel_shape is not that of the weights");
  const int64_t group = call.attribute("group", 1);
  if (group < 1 || x.dims[1] % group != 0 || w.dims[0] != x.dims[1] ||
      w.dims.size() != x.dims.size())
    throw Error(fmt::format("weights {} do not fit {} in {} groups", values::dims_text(w.dims),
                            values::dims_text(x.dims), group));
  onnx::NodeProto plain;  // the pads mean another thing here
  for (const char* name : {"strides", "dilations"}) {
    const onnx::AttributeProto* given = values::find_attribute(call.node, name);
    if (given != nullptr) *plain.add_attribute() = *given;
  }
  HostWindow window = host_window(plain, spatial, kernel);
  const Transposed sizes = transposed_sizes(call.node, spatial, window);
  // Input position i adds w times its element at i * stride - begin + tap * dilation: the taps of
  // a window that slides over the output.
  window.begin = sizes.begin;
  window.out = spatial;
  TapOffsets offsets(window, sizes.out);
  const int64_t outputs = w.dims[1], channels = x.dims[1] / group, taps = window.taps();
  const int64_t area = window.positions();
  values::Dims dims = {x.dims[0], outputs * group};
  dims.insert(dims.end(), sizes.out.begin(), sizes.out.end());
  values::Literal result = zeros(dims, true);
  const int64_t out_area = values::element_count(sizes.out, "result");
  for (int64_t p = 0; p < area; ++p) {
    const std::vector<int64_t>& at = offsets.at(p);
    for (int64_t n = 0; n < x.dims[0] * group; ++n) {
      for (int64_t c = 0; c < channels; ++c) {
        const float v = x.floats[static_cast<size_t>((n * channels + c) * area + p)];
        const int64_t row = ((n % group) * channels + c) * outputs;
        for (int64_t o = 0; o < outputs; ++o) {
          float* to = result.floats.data() + (n * outputs + o) * out_area;
          const float* from = w.floats.data() + (row + o) * taps;
          for (int64_t t = 0; t < taps; ++t)
            if (at[static_cast<size_t>(t)] >= 0) to[at[static_cast<size_t>(t)]] += v * from[t];
        }
      }
    }
  }
  add_bias(result, call, 2);
  return {std::move(result)};
}

}  // namespace

void add_convolution_host_operators(HostOperators& table) {
  table["Conv"] = conv_operator;
  table["ConvTranspose"] = conv_transpose;
  table["com.microsoft.FusedConv"] = fused_conv;
}

}  // namespace systole::host
