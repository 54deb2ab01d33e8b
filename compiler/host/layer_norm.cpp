// SPDX-License-Identifier: Apache-2.0
// Normalisations over the last dimensions on the host: LayerNormalization in every opset, RMS
// normalisation, and com.microsoft's that add a second tensor first.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// The rows that are normalised.
struct NormalisedRows {
  int64_t rows = 1, size = 1;
  values::Dims kept;  ///< dimensions of one number a row
};

NormalisedRows rows_from(const values::Dims& dims, int64_t axis) {
  NormalisedRows r;
  r.kept = dims;
  for (size_t d = 0; d < dims.size(); ++d) {
    if (static_cast<int64_t>(d) < axis) {
      r.rows *= dims[d];
    } else {
      r.size *= dims[d];
      r.kept[d] = 1;
    }
  }
  if (r.size == 0) throw Error("the rows are empty");
  return r;
}

/// Calls f(element, element of input `i`) for every element of x; the input broadcasts, and may be
/// absent.
template <typename F>
void with_each(values::Literal& x, const HostCall& call, size_t i, F f) {
  if (!call.has(i)) return;
  const values::Literal& by = call.floats(i);
  size_t at = 0;
  walk<1>(x.dims, {broadcast_strides(by.dims, x.dims)}, {0},
          [&](const auto& p) { f(x.floats[at++], by.floats[static_cast<size_t>(p[0])]); });
}

const auto multiply = [](float& v, float by) { v *= by; };
const auto add = [](float& v, float by) { v += by; };

/// Takes the mean off each row (`centre`) and divides by its deviation. Returns mean and inverse
/// deviation of the rows.
HostResults normalise_rows(values::Literal& x, const NormalisedRows& r, bool centre,
                           double epsilon) {
  HostResults numbers = {zeros(r.kept, true), zeros(r.kept, true)};
  for (int64_t row = 0; row < r.rows; ++row) {
    float* v = x.floats.data() + row * r.size;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < r.size && centre; ++i) sum += v[i];
    const double mean = sum / static_cast<double>(r.size);
    for (int64_t i = 0; i < r.size; ++i) squares += (v[i] - mean) * (v[i] - mean);
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(r.size) + epsilon);
    for (int64_t i = 0; i < r.size; ++i) v[i] = static_cast<float>((v[i] - mean) * inverse);
    numbers[0].floats[static_cast<size_t>(row)] = static_cast<float>(mean);
    numbers[1].floats[static_cast<size_t>(row)] = static_cast<float>(inverse);
  }
  return numbers;
}

HostResults layer_normalization(const HostCall& call) {
  values::Literal x = call.floats(0);
  const NormalisedRows r =
      rows_from(x.dims, values::normalise_axis(call.attribute("axis", -1), call.rank(0)));
  HostResults numbers =
      normalise_rows(x, r, true, values::float_attribute(call.node, "epsilon", 1e-5f));
  with_each(x, call, 1, multiply);
  with_each(x, call, 2, add);
  return {std::move(x), std::move(numbers[0]), std::move(numbers[1])};
}

/// RMSNormalization of opset 23; SimplifiedLayerNormalization and RMSNorm are older names.
HostResults rms_normalization(const HostCall& call) {
  values::Literal x = call.floats(0);
  const NormalisedRows r =
      rows_from(x.dims, values::normalise_axis(call.attribute("axis", -1), call.rank(0)));
  const float stated = values::float_attribute(call.node, "eps", 1e-5f);
  HostResults numbers =
      normalise_rows(x, r, false, values::float_attribute(call.node, "epsilon", stated));
  with_each(x, call, 1, multiply);
  return {std::move(x), std::move(numbers[1])};
}

/// com.microsoft: the sum of inputs 0 and 1 (and a bias) is normalised; it is output 3.
HostResults skip_normalization(const HostCall& call) {
  const bool simplified = call.node.op_type() == "SkipSimplifiedLayerNormalization";
  values::Literal x = call.floats(0);
  with_each(x, call, 1, add);
  with_each(x, call, simplified ? 3 : 4, add);
  values::Literal sum = x;
  const NormalisedRows r = rows_from(x.dims, call.rank(0) - 1);
  HostResults numbers =
      normalise_rows(x, r, !simplified,
                     values::float_attribute(call.node, "epsilon", simplified ? 1e-6f : 1e-12f));
  with_each(x, call, 2, multiply);
  if (!simplified) with_each(x, call, 3, add);
  return {std::move(x), std::move(numbers[0]), std::move(numbers[1]), std::move(sum)};
}

}  // namespace

void add_layer_norm_host_operators(HostOperators& table) {
  table["LayerNormalization"] = layer_normalization;
  for (const char* name : {"RMSNormalization", "RMSNorm", "SimplifiedLayerNormalization"})
    table[name] = rms_normalization;
  table["com.microsoft.SimplifiedLayerNormalization"] = rms_normalization;
  table["com.microsoft.SkipLayerNormalization"] = skip_normalization;
  table["com.microsoft.SkipSimplifiedLayerNormalization"] = skip_normalization;
}

}  // namespace systole::host
