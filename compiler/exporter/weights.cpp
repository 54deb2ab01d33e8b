// SPDX-License-Identifier: Apache-2.0
// DequantizeLinear of constants, or QONNX's operators where ONNX has no integers so narrow.
#include "compiler/exporter/weights.h"

#include <fmt/format.h>

#include <cmath>

#include "compiler/graph/refusal.h"
#include "compiler/values/literal.h"

namespace systole::exporter {

namespace {

/// Element `i` of `dims` in the order [out c][taps].
size_t stored_index(size_t i, const std::vector<int64_t>& dims, int64_t axis) {
  if (axis == 0) return i;
  const auto rows = static_cast<size_t>(dims[0]), columns = static_cast<size_t>(dims[1]);
  return i % columns * rows + i / columns;
}

std::vector<int32_t> codes_of(const graph::Conv& conv, const std::vector<int64_t>& dims,
                              int64_t axis) {
  std::vector<int32_t> codes(conv.weights.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const size_t at = stored_index(i, dims, axis);
    codes[i] = static_cast<int32_t>(
        std::nearbyint(conv.weights[at] / conv.weight_scale[at / conv.taps()]));
  }
  return codes;
}

/// The dimensions of a scale for each output channel beside weights of `dims`.
std::vector<int64_t> beside(const std::vector<int64_t>& dims, int64_t axis) {
  std::vector<int64_t> scale(dims.size(), 1);
  scale[static_cast<size_t>(axis)] = dims[static_cast<size_t>(axis)];
  return scale;
}

/// Weights of QONNX: what they stand for, rounded once more.
std::string quant_weights(ModelBuilder& model, const graph::Node& node,
                          const std::vector<int32_t>& codes, int bits,
                          const std::vector<int64_t>& dims, int64_t axis) {
  const auto& conv = node.as<graph::Conv>();
  std::vector<float> reals(codes.size());
  for (size_t i = 0; i < codes.size(); ++i)
    reals[i] =
        static_cast<float>(codes[i]) * conv.weight_scale[stored_index(i, dims, axis) / conv.taps()];
  const auto number = [&](const char* name, float value) {
    return model.constant(node.name + name, std::vector<float>{value}, {});
  };
  std::vector<std::string> inputs = {
      model.constant(node.name + "/weights", reals, dims),
      model.constant(node.name + "/weights/scale", conv.weight_scale, beside(dims, axis))};
  const bool bipolar = bits == 1;
  if (!bipolar) {
    inputs.push_back(number("/weights/zero_point", 0));
    inputs.push_back(number("/weights/bits", static_cast<float>(bits)));
  }
  onnx::NodeProto& made =
      model.add(bipolar ? "BipolarQuant" : "Quant", node.name + "/weights/Quant", inputs,
                model.new_tensor(node.name + "/weights/rounded"), kQonnx);
  if (bipolar) return made.output(0);
  set_attribute(made, "signed", int64_t{1});
  set_attribute(made, "narrow", int64_t{0});
  set_attribute(made, "rounding_mode", std::string("ROUND"));
  return made.output(0);
}

std::string dequantised(ModelBuilder& model, const std::string& name, const Integers& integers,
                        const std::vector<int64_t>& dims, const std::vector<float>& scale,
                        int64_t axis) {
  const std::vector<std::string> inputs = {
      model.constant(name, integers, dims),
      model.constant(name + "/scale", scale, {static_cast<int64_t>(scale.size())})};
  onnx::NodeProto& made = model.add("DequantizeLinear", name + "/DequantizeLinear", inputs,
                                    model.new_tensor(name + "/dequantised"));
  set_attribute(made, "axis", axis);
  return made.output(0);
}

/// In steps of the input's scale times the weights', as integers; floats where they are none.
std::string write_bias(ModelBuilder& model, const graph::Node& node, const graph::Codes& x) {
  const auto& conv = node.as<graph::Conv>();
  const auto channels = static_cast<int64_t>(conv.channels());
  Integers integers{{}, onnx::TensorProto::INT32};
  std::vector<float> steps;
  bool whole = true, floats = true, any = false;
  for (size_t o = 0; o < conv.channels(); ++o) {
    const float step = x.scale * conv.weight_scale[o];
    const double bias = conv.exact_bias[o], count = std::nearbyint(bias / double{step});
    whole = whole && std::isnormal(step) && count * double{step} == bias &&
            std::fabs(count) <= INT32_MAX;
    floats = floats && double{static_cast<float>(bias)} == bias;
    any = any || bias != 0;
    integers.values.push_back(whole ? static_cast<int32_t>(count) : 0);
    steps.push_back(step);
  }
  if (!any) return "";
  if (whole) return dequantised(model, node.name + "/bias", integers, {channels}, steps, 0);
  if (!floats)
    throw graph::Unsupported("has a bias in steps of its own, which are not known any more");
  return model.constant(node.name + "/bias", conv.bias, {channels});
}

}  // namespace

WeightTensors write_weights(ModelBuilder& model, const ValueWriter& values, const graph::Node& node,
                            const graph::Codes& x, int bits, const std::vector<int64_t>& dims,
                            int64_t axis) {
  const auto& conv = node.as<graph::Conv>();
  if (!conv.states_integers()) throw graph::Unsupported("has weights that nothing rounds");
  const std::vector<int32_t> codes = codes_of(conv, dims, axis);
  const bool nibbles = bits == 4 && values.most_opset() >= kFirstInt4Opset;
  WeightTensors made;
  if (bits == 8 || nibbles) {
    if (nibbles) model.need_opset(kFirstInt4Opset);
    const int type = nibbles ? values::kOnnxInt4 : int{onnx::TensorProto::INT8};
    made.weights =
        dequantised(model, node.name + "/weights", {codes, type}, dims, conv.weight_scale, axis);
  } else {
    made.weights = quant_weights(model, node, codes, bits, dims, axis);
  }
  made.bias = write_bias(model, node, x);
  return made;
}

}  // namespace systole::exporter
