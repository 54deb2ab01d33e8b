// SPDX-License-Identifier: Apache-2.0
// Translators of operators with weights: convolution, fully connected, batch normalisation.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

void conv(ImportContext& context, const onnx::NodeProto& node) {
  const int64_t group = values::int_attribute(node, "group", 1);
  const Operand& input = context.activation(node, 0, "input");
  const graph::Chw in = context.graph.shape(input.value);
  const values::Dims dims = input.dims;
  const values::Dims filter = context.constant(node, 1, "weights").dims;
  if (dims.size() > 4) throw graph::Unsupported("convolution of more than two dimensions");
  if (dims.size() < 3 || filter.size() != dims.size()) {
    throw Error(fmt::format("weights {} do not fit an input {}", values::dims_text(filter),
                            values::dims_text(dims)));
  }
  if (group < 1 || in.c % group != 0 || filter[0] % group != 0) {
    throw Error(fmt::format("group = {} does not divide {} input and {} output channels", group,
                            in.c, filter[0]));
  }
  if (filter[1] != in.c / group) {
    throw Error(fmt::format("weights {} expect {} input channels{}, the input has {}",
                            values::dims_text(filter), filter[1], group > 1 ? " a group" : "",
                            in.c / group));
  }
  graph::Conv result;
  result.window = read_window(node, dims, {filter.begin() + 2, filter.end()});
  result.group = group;
  result.weights = context.weights(node, 1, "weights");
  result.bias.assign(static_cast<size_t>(filter[0]), 0.0f);
  if (context.has_operand(node, 2)) {
    result.bias = context.weights(node, 2, "bias");
    if (static_cast<int64_t>(result.bias.size()) != filter[0]) {
      throw Error(fmt::format("bias has {} elements, expected {}", result.bias.size(), filter[0]));
    }
  }
  take_scales(context.constant(node, 1, "weights"), 0,
              context.has_operand(node, 2) ? &context.constant(node, 2, "bias") : nullptr, result);
  values::Dims out = {dims[0], filter[0]};
  if (dims.size() == 4) out.push_back(result.window.out_height(in.h));
  out.push_back(result.window.out_width(in.w));
  context.emit(node, graph::make_node(std::move(result), {input.value}), out);
}

/// Throws Unsupported if both factors of `node` are activations.
void check_factors(ImportContext& context, const onnx::NodeProto& node) {
  const Operand a = context.any_activation(node, 0, "first input");
  const Operand& b = context.operand(node, 1);
  if (b.literal != nullptr) return;
  throw graph::Unsupported(fmt::format("product of {} and {}, which are both activations",
                                       values::dims_text(a.dims), values::dims_text(b.dims)));
}

/// What is added to a product: nothing, or one value a feature, also as it was before it was
/// rounded to float32.
struct Summand {
  std::vector<float> values;
  std::vector<double> exact;
};

/// y = alpha * x * B + bias as a 1x1 convolution: of features, or of every position of a map with
/// its channels last. B is [K][N], or [N][K] if `transposed`.
void fully_connected(ImportContext& context, const onnx::NodeProto& node, bool transposed,
                     float alpha, const Summand& bias) {
  const Operand input = context.any_activation(node, 0, "first input");
  const values::Literal literal = context.constant(node, 1, "weights");
  const values::Dims& shape = literal.dims;
  const size_t rank = input.dims.size();
  const bool features = rank == 2 || (input.channels_last && (rank == 3 || rank == 4));
  if (!features || shape.size() != 2) {
    throw graph::Unsupported(
        fmt::format("product of {} and {}, expected [n, ..., features] and a matrix",
                    values::dims_text(input.dims), values::dims_text(shape)));
  }
  const int64_t k = shape[transposed ? 1 : 0], n = shape[transposed ? 0 : 1];
  if (k != input.dims.back()) {
    throw Error(fmt::format("weights {} expect {} features, the input has {}",
                            values::dims_text(shape), k, input.dims.back()));
  }
  const std::vector<float>& b = context.weights(node, 1, "weights");
  graph::Conv result;
  result.bias =
      bias.values.empty() ? std::vector<float>(static_cast<size_t>(n), 0.0f) : bias.values;
  result.weights.resize(b.size());
  for (int64_t row = 0; row < n; ++row) {
    for (int64_t i = 0; i < k; ++i) {
      const int64_t from = transposed ? row * k + i : i * n + row;
      result.weights[static_cast<size_t>(row * k + i)] = alpha * b[static_cast<size_t>(from)];
    }
  }
  if (literal.scales && alpha != 0.0f) {  // the integers stay, for alpha < 0 with another sign
    values::Literal scaled = literal;
    for (float& s : scaled.scales->scale) s *= std::fabs(alpha);
    take_scales(scaled, transposed ? 0 : 1, nullptr, result);
    if (!bias.exact.empty()) result.exact_bias = bias.exact;
  }
  values::Dims dims = input.dims;
  dims.back() = n;
  context.emit(node, graph::make_node(std::move(result), {input.value}), dims, input.channels_last);
}

/// beta * C, of which every item of the batch must get the same.
Summand gemm_summand(ImportContext& context, const onnx::NodeProto& node, int64_t n, float beta) {
  Summand summand;
  if (!context.has_operand(node, 2)) return summand;
  const values::Literal& c = context.constant(node, 2, "bias");
  const bool row = c.dims.size() < 2 || (c.dims.size() == 2 && c.dims[0] == 1);
  const int64_t size = c.size();
  if (!row || (size != n && size != 1)) {
    throw graph::Unsupported(
        fmt::format("bias of shape {}, expected one value a feature", values::dims_text(c.dims)));
  }
  const std::vector<float>& values = context.weights(node, 2, "bias");
  for (int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(size == 1 ? 0 : i);
    summand.exact.push_back(double{beta} * (c.exact.empty() ? double{values[at]} : c.exact[at]));
    summand.values.push_back(static_cast<float>(summand.exact.back()));
  }
  return summand;
}

void gemm(ImportContext& context, const onnx::NodeProto& node) {
  if (values::int_attribute(node, "transA", 0) != 0)
    throw graph::Unsupported("transA = 1, which would mix the items of a batch");
  const bool transposed = values::int_attribute(node, "transB", 0) != 0;
  const float alpha = values::float_attribute(node, "alpha", 1.0f),
              beta = values::float_attribute(node, "beta", 1.0f);
  if (!std::isfinite(alpha) || !std::isfinite(beta)) throw Error("alpha or beta is not finite");
  check_factors(context, node);
  const values::Dims shape = context.constant(node, 1, "weights").dims;
  if (shape.size() != 2)
    throw Error(fmt::format("weights of shape {}, expected a matrix", values::dims_text(shape)));
  fully_connected(context, node, transposed, alpha,
                  gemm_summand(context, node, shape[transposed ? 0 : 1], beta));
}

void matmul(ImportContext& context, const onnx::NodeProto& node) {
  check_factors(context, node);
  fully_connected(context, node, /*transposed=*/false, 1.0f, {});
}

/// Each of `values` so often, one after the other.
std::vector<float> repeated(const std::vector<float>& values, size_t times) {
  std::vector<float> result;
  for (float v : values) result.insert(result.end(), times, v);
  return result;
}

void batch_normalization(ImportContext& context, const onnx::NodeProto& node) {
  if (values::trains(node, context.opset())) throw graph::Unsupported("training mode");
  if (values::int_attribute(node, "spatial", 1) != 1) throw graph::Unsupported("spatial = 0");
  const float epsilon = values::float_attribute(node, "epsilon", 1e-5f);
  const Operand& input = context.activation(node, 0, "input");
  const values::Dims dims = input.dims;
  graph::ScaleShift result;
  const int64_t channels = dims[1];
  const char* const roles[] = {"scale", "bias", "mean", "variance"};
  std::array<std::vector<float>, 4> p;
  for (size_t i = 0; i < 4; ++i) {
    p[i] = context.weights(node, static_cast<int>(i) + 1, roles[i]);
    if (static_cast<int64_t>(p[i].size()) != channels) {
      throw Error(fmt::format("{} has {} elements, expected {}", roles[i], p[i].size(), channels));
    }
  }
  for (size_t c = 0; c < p[0].size(); ++c) {
    const double scale = p[0][c] / std::sqrt(double{p[3][c]} + epsilon);
    result.scale.push_back(static_cast<float>(scale));
    result.shift.push_back(static_cast<float>(p[1][c] - p[2][c] * scale));
    if (!std::isfinite(result.scale.back()) || !std::isfinite(result.shift.back())) {
      throw Error(
          fmt::format("channel {} of the normalisation is not finite (variance {})", c, p[3][c]));
    }
  }
  result.gamma = p[0];
  // Of five dimensions [n, a, b, h, w] the machine's channels are a * b.
  const auto each = static_cast<size_t>(context.graph.shape(input.value).c / channels);
  for (auto* list : {&result.scale, &result.shift, &result.gamma}) *list = repeated(*list, each);
  context.emit(node, graph::make_node(std::move(result), {input.value}), dims);
}

}  // namespace

void add_linear_translators(Translators& table) {
  table["Conv"] = conv;
  table["Gemm"] = gemm;
  table["MatMul"] = matmul;
  table["BatchNormalization"] = batch_normalization;
}

}  // namespace systole::importer
