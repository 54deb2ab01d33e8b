// SPDX-License-Identifier: Apache-2.0
// Normalisations on the host that ONNX does not define as a function of simpler operators.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// [n, c, positions].
struct Maps {
  int64_t n, c, area;
};

Maps maps_of(const values::Literal& in) {
  if (in.dims.size() < 2)
    throw Error(fmt::format("expected [n, c, ...], {}", values::dims_text(in.dims)));
  Maps maps{in.dims[0], in.dims[1], 1};
  for (size_t d = 2; d < in.dims.size(); ++d) maps.area *= in.dims[d];
  return maps;
}

const std::vector<float>& per_channel(const HostCall& call, size_t i, int64_t channels) {
  if (call.floats(i).size() != channels)
    throw Error(
        fmt::format("input {} has {} elements, expected {}", i, call.at(i).size(), channels));
  return call.at(i).floats;
}

/// Local response normalisation over neighbouring channels.
HostResults lrn(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const Maps maps = maps_of(in);
  const int64_t size = call.attribute("size", 0);
  if (size < 1) throw Error(fmt::format("size is {}", size));
  const double alpha = values::float_attribute(call.node, "alpha", 1e-4f),
               beta = values::float_attribute(call.node, "beta", 0.75f),
               bias = values::float_attribute(call.node, "bias", 1.0f);
  values::Literal result = in;
  for (int64_t n = 0; n < maps.n; ++n) {
    for (int64_t c = 0; c < maps.c; ++c) {
      const int64_t from = std::max<int64_t>(0, c - (size - 1) / 2),
                    to = std::min(maps.c - 1, c + size / 2);
      for (int64_t p = 0; p < maps.area; ++p) {
        double sum = 0;
        for (int64_t i = from; i <= to; ++i) {
          const double v = in.floats[static_cast<size_t>((n * maps.c + i) * maps.area + p)];
          sum += v * v;
        }
        float& y = result.floats[static_cast<size_t>((n * maps.c + c) * maps.area + p)];
        y = static_cast<float>(y / std::pow(bias + alpha / static_cast<double>(size) * sum, beta));
      }
    }
  }
  return {std::move(result)};
}

/// Brings `count` elements to mean 0 and variance 1.
void standardise(float* values, int64_t count, double epsilon) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < count; ++i) sum += values[i];
  const double mean = sum / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i) squares += (values[i] - mean) * (values[i] - mean);
  const double factor = 1.0 / std::sqrt(squares / static_cast<double>(count) + epsilon);
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<float>((values[i] - mean) * factor);
}

/// x * scale[c] + bias[c]; scales for every channel, or for every group of them (opset 18 to 20).
void scale_and_shift(values::Literal& x, const Maps& maps, const std::vector<float>& scale,
                     const std::vector<float>& bias) {
  const int64_t each = maps.c / static_cast<int64_t>(scale.size());
  for (size_t i = 0; i < x.floats.size(); ++i) {
    const auto c = static_cast<size_t>(static_cast<int64_t>(i) / maps.area % maps.c / each);
    x.floats[i] = x.floats[i] * scale[c] + bias[c];
  }
}

HostResults instance_normalisation(const HostCall& call) {
  values::Literal result = call.floats(0);
  const Maps maps = maps_of(result);
  for (int64_t i = 0; i < maps.n * maps.c; ++i)
    standardise(result.floats.data() + i * maps.area, maps.area,
                values::float_attribute(call.node, "epsilon", 1e-5f));
  scale_and_shift(result, maps, per_channel(call, 1, maps.c), per_channel(call, 2, maps.c));
  return {std::move(result)};
}

HostResults group_normalisation(const HostCall& call) {
  values::Literal result = call.floats(0);
  const Maps maps = maps_of(result);
  const int64_t groups = call.attribute("num_groups", 0);
  if (groups < 1 || maps.c % groups != 0)
    throw Error(fmt::format("num_groups is {}, of {} channels", groups, maps.c));
  const int64_t count = maps.c / groups * maps.area;
  for (int64_t i = 0; i < maps.n * groups; ++i)
    standardise(result.floats.data() + i * count, count,
                values::float_attribute(call.node, "epsilon", 1e-5f));
  const int64_t scales = call.context.opset < 21 ? groups : maps.c;
  scale_and_shift(result, maps, per_channel(call, 1, scales), per_channel(call, 2, scales));
  return {std::move(result)};
}

HostResults batch_normalisation(const HostCall& call) {
  if (values::trains(call.node, call.context.opset)) throw graph::Unsupported("training mode");
  values::Literal result = call.floats(0);
  const Maps maps = maps_of(result);
  const auto &scale = per_channel(call, 1, maps.c), &bias = per_channel(call, 2, maps.c),
             &mean = per_channel(call, 3, maps.c), &variance = per_channel(call, 4, maps.c);
  const double epsilon = values::float_attribute(call.node, "epsilon", 1e-5f);
  for (size_t i = 0; i < result.floats.size(); ++i) {
    const auto c = static_cast<size_t>(static_cast<int64_t>(i) / maps.area % maps.c);
    const double factor = scale[c] / std::sqrt(double{variance[c]} + epsilon);
    result.floats[i] = static_cast<float>((result.floats[i] - mean[c]) * factor + bias[c]);
  }
  return {std::move(result)};
}

HostResults lp_normalisation(const HostCall& call) {
  values::Literal result = call.floats(0);
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", -1), call.rank(0)));
  const int64_t p = call.attribute("p", 2);
  if (p != 1 && p != 2) throw Error(fmt::format("p is {}, expected 1 or 2", p));
  values::Dims kept = result.dims;
  kept[axis] = 1;
  const values::Dims strides = broadcast_strides(kept, result.dims);
  std::vector<double> norms(static_cast<size_t>(values::element_count(kept, "norms")), 0.0);
  size_t at = 0;
  walk<1>(result.dims, {strides}, {0}, [&](const auto& to) {
    const double v = result.floats[at++];
    norms[static_cast<size_t>(to[0])] += p == 1 ? std::fabs(v) : v * v;
  });
  at = 0;
  walk<1>(result.dims, {strides}, {0}, [&](const auto& from) {
    const double sum = norms[static_cast<size_t>(from[0])];
    float& v = result.floats[at++];
    if (sum > 0) v = static_cast<float>(v / (p == 1 ? sum : std::sqrt(sum)));  // else v is 0
  });
  return {std::move(result)};
}

}  // namespace

void add_normalisation_host_operators(HostOperators& table) {
  table["LRN"] = lrn;
  table["InstanceNormalization"] = instance_normalisation;
  table["GroupNormalization"] = group_normalisation;
  table["BatchNormalization"] = batch_normalisation;
  table["LpNormalization"] = lp_normalisation;
}

}  // namespace systole::host
