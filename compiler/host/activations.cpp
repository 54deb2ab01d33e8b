// SPDX-License-Identifier: Apache-2.0
// The table of activation functions.
#include "compiler/host/activations.h"

#include <algorithm>
#include <cmath>

namespace systole::host {

Activation activation(const std::string& name, std::optional<float> alpha,
                      std::optional<float> beta) {
  std::string key = name;
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto a = [&](float fallback) { return alpha.value_or(fallback); };
  const auto b = [&](float fallback) { return beta.value_or(fallback); };
  if (key == "relu") return [](float v) { return std::max(v, 0.0f); };
  if (key == "tanh") return [](float v) { return std::tanh(v); };
  if (key == "sigmoid") return [](float v) { return 1.0f / (1.0f + std::exp(-v)); };
  if (key == "affine") return [p = a(1), q = b(0)](float v) { return p * v + q; };
  if (key == "leakyrelu") return [p = a(0.01f)](float v) { return v < 0 ? p * v : v; };
  if (key == "thresholdedrelu") return [p = a(1)](float v) { return v > p ? v : 0.0f; };
  if (key == "scaledtanh") return [p = a(1), q = b(1)](float v) { return p * std::tanh(q * v); };
  if (key == "hardsigmoid")
    return [p = a(0.2f), q = b(0.5f)](float v) { return std::clamp(p * v + q, 0.0f, 1.0f); };
  if (key == "elu") return [p = a(1)](float v) { return v < 0 ? p * (std::exp(v) - 1) : v; };
  if (key == "softsign") return [](float v) { return v / (1 + std::fabs(v)); };
  if (key == "softplus")
    return [](float v) { return std::max(v, 0.0f) + std::log1p(std::exp(-std::fabs(v))); };
  if (key == "clip")
    return [lo = a(-INFINITY), hi = b(INFINITY)](float v) { return std::clamp(v, lo, hi); };
  throw graph::Unsupported(fmt::format("activation '{}'", name));
}

std::vector<float> floats_attribute(const onnx::NodeProto& node, const std::string& name) {
  const onnx::AttributeProto* a = values::typed_attribute(node, name, onnx::AttributeProto::FLOATS);
  if (a == nullptr) return {};
  return {a->floats().begin(), a->floats().end()};
}

std::vector<std::string> strings_attribute(const onnx::NodeProto& node, const std::string& name) {
  const onnx::AttributeProto* a =
      values::typed_attribute(node, name, onnx::AttributeProto::STRINGS);
  if (a == nullptr) return {};
  return {a->strings().begin(), a->strings().end()};
}

}  // namespace systole::host
