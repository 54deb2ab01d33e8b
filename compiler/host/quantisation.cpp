// SPDX-License-Identifier: Apache-2.0
// Rounding to integers and back on the host, in binary32 as ONNX Runtime does it.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/integers.h"
#include "compiler/host/result_types.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// Which of the scales of a tensor an element has: one for all, one for each index of an axis, or
/// one for each block along it.
class ScaleIndex {
 public:
  ScaleIndex(const HostCall& call, const values::Literal& x, const values::Literal& scale)
      : count_(static_cast<size_t>(scale.size())) {
    const int64_t stated = call.attribute("axis", 1), block = call.attribute("block_size", 0);
    if (count_ == 1) return;
    const auto rank = static_cast<int64_t>(x.dims.size());
    const auto axis = static_cast<size_t>(values::normalise_axis(stated, rank));
    for (size_t d = axis + 1; d < x.dims.size(); ++d) inner_ *= static_cast<size_t>(x.dims[d]);
    size_ = static_cast<size_t>(x.dims[axis]);
    if (scale.dims.size() == 1) {
      if (count_ != size_)
        throw Error(fmt::format("{} scales do not fit dimension {} of {}", count_, axis,
                                values::dims_text(x.dims)));
      return;
    }
    values::Dims blocks = x.dims;
    if (block < 1) throw Error(fmt::format("block_size is {}", block));
    blocks[axis] = (x.dims[axis] + block - 1) / block;
    if (scale.dims != blocks)
      throw Error(fmt::format("scales {} do not fit {} in blocks of {}",
                              values::dims_text(scale.dims), values::dims_text(x.dims), block));
    blocked_ = true;
    block_ = static_cast<size_t>(block);
    blocks_ = static_cast<size_t>(blocks[axis]);
  }

  size_t of(size_t element) const {
    if (count_ == 1) return 0;
    const size_t at = element / inner_ % size_;
    if (!blocked_) return at;
    return (element / inner_ / size_ * blocks_ + at / block_) * inner_ + element % inner_;
  }

 private:
  size_t count_, inner_ = 1, size_ = 1, block_ = 1, blocks_ = 1;
  bool blocked_ = false;
};

const values::Literal& zero_points(const HostCall& call, size_t i, const values::Literal& scale) {
  static const values::Literal none = integers({1}, {0});
  if (!call.has(i)) return none;
  const values::Literal& zero = call.at(i);
  if (zero.is_float) throw graph::Unsupported("zero points of a floating-point type");
  if (zero.size() != scale.size() && zero.size() != 1)
    throw Error("the zero point does not fit the scale");
  return zero;
}

int64_t zero_at(const values::Literal& zero, size_t i) {
  return zero.ints[zero.ints.size() == 1 ? 0 : i];
}

HostResults quantize_linear(const HostCall& call) {
  const values::Literal &x = call.at(0), &scale = call.floats(1);
  int type = static_cast<int>(call.attribute("output_dtype", 0));
  const int64_t precision = call.attribute("precision", 0);
  if (precision != 0 && precision != onnx::TensorProto::FLOAT)
    throw graph::Unsupported(fmt::format("precision {}", precision));
  if (call.has(2)) type = call.at(2).type;
  if (type == 0) type = onnx::TensorProto::UINT8;
  const IntegerLimits limits = integer_limits(type);
  const values::Literal& zero = zero_points(call, 2, scale);
  const ScaleIndex index(call, x, scale);
  values::Literal result = zeros(x.dims, false);
  result.type = type;
  for (size_t i = 0; i < result.ints.size(); ++i) {
    const size_t s = index.of(i);
    const float value = x.is_float ? x.floats[i] : static_cast<float>(x.ints[i]);
    result.ints[i] = limits.rounded(value / scale.floats[s], zero_at(zero, s));
  }
  return {std::move(result)};
}

HostResults dequantize_linear(const HostCall& call) {
  const values::Literal &x = call.at(0), &scale = call.floats(1);
  if (x.is_float) throw graph::Unsupported("dequantises floats");
  const int64_t to = call.attribute("output_dtype", 0);
  if (to != 0 && !is_float_type(static_cast<int>(to)))
    throw graph::Unsupported(fmt::format("output_dtype {}", to));
  const values::Literal& zero = zero_points(call, 2, scale);
  const ScaleIndex index(call, x, scale);
  values::Literal result = zeros(x.dims, true);
  for (size_t i = 0; i < result.floats.size(); ++i) {
    const size_t s = index.of(i);
    result.floats[i] = static_cast<float>(x.ints[i] - zero_at(zero, s)) * scale.floats[s];
  }
  return {std::move(result)};
}

HostResults dynamic_quantize_linear(const HostCall& call) {
  const values::Literal& x = call.floats(0);
  float least = 0, most = 0;
  for (float v : x.floats) {
    least = std::min(least, v);
    most = std::max(most, v);
  }
  const IntegerLimits limits = integer_limits(onnx::TensorProto::UINT8);
  values::Literal scale = zeros({}, true);
  scale.floats[0] = most == least ? 1.0f : (most - least) / 255.0f;
  const int64_t zero_point = limits.rounded(0.0f - least / scale.floats[0], 0);
  values::Literal zero = integers({}, {zero_point});
  zero.type = onnx::TensorProto::UINT8;
  values::Literal result = zeros(x.dims, false);
  result.type = onnx::TensorProto::UINT8;
  for (size_t i = 0; i < result.ints.size(); ++i)
    result.ints[i] = limits.rounded(x.floats[i] / scale.floats[0], zero_point);
  return {std::move(result), std::move(scale), std::move(zero)};
}

/// Rounding modes of QONNX.
float rounded_by(const std::string& mode, float v) {
  if (mode == "ROUND" || mode == "HALF_EVEN") return std::nearbyint(v);
  if (mode == "CEIL") return std::ceil(v);
  if (mode == "FLOOR") return std::floor(v);
  if (mode == "UP") return std::copysign(std::ceil(std::fabs(v)), v);
  if (mode == "DOWN" || mode == "ROUND_TO_ZERO") return std::trunc(v);
  if (mode == "HALF_UP") return std::copysign(std::floor(std::fabs(v) + 0.5f), v);
  if (mode == "HALF_DOWN") return std::copysign(std::ceil(std::fabs(v) - 0.5f), v);
  throw graph::Unsupported(fmt::format("rounding_mode {}", mode));
}

double number_at(const values::Literal& l, int64_t i) {
  const auto at = static_cast<size_t>(i);
  return l.is_float ? double{l.floats[at]} : static_cast<double>(l.ints[at]);
}

/// QONNX: rounded to `bits` bits and multiplied out again; all operands broadcast.
HostResults quant_of_qonnx(const HostCall& call) {
  const values::Literal& x = call.floats(0);
  const std::string mode = values::string_attribute(call.node, "rounding_mode", "ROUND");
  const bool is_signed = call.attribute("signed", 1) != 0;
  const float narrow = call.attribute("narrow", 0) != 0 ? 1.0f : 0.0f;
  values::Literal result = zeros(x.dims, true);
  size_t at = 0;
  walk<3>(x.dims,
          {broadcast_strides(call.at(1).dims, x.dims), broadcast_strides(call.at(2).dims, x.dims),
           broadcast_strides(call.at(3).dims, x.dims)},
          {0, 0, 0}, [&](const auto& p) {
            const auto scale = static_cast<float>(number_at(call.at(1), p[0]));
            const auto zero = static_cast<float>(number_at(call.at(2), p[1]));
            const auto bits = static_cast<float>(number_at(call.at(3), p[2]));
            const float half = std::exp2(bits - 1);
            const float lo = is_signed ? -half + narrow : 0;
            const float hi = is_signed ? half - 1 : 2 * half - 1 - narrow;
            const float code = rounded_by(mode, std::clamp(x.floats[at] / scale + zero, lo, hi));
            result.floats[at++] = (code - zero) * scale;
          });
  return {std::move(result)};
}

HostResults bipolar_of_qonnx(const HostCall& call) {
  const values::Literal &x = call.floats(0), &scale = call.floats(1);
  values::Literal result = zeros(x.dims, true);
  size_t at = 0;
  walk<1>(x.dims, {broadcast_strides(scale.dims, x.dims)}, {0}, [&](const auto& p) {
    const float s = scale.floats[static_cast<size_t>(p[0])];
    result.floats[at] = x.floats[at] >= 0 ? s : -s;
    ++at;
  });
  return {std::move(result)};
}

}  // namespace

IntegerLimits integer_limits(int type) {
  switch (type) {
    case onnx::TensorProto::INT8:
      return {-128, 127};
    case onnx::TensorProto::UINT8:
      return {0, 255};
    case onnx::TensorProto::INT16:
      return {-32768, 32767};
    case onnx::TensorProto::UINT16:
      return {0, 65535};
    case onnx::TensorProto::INT32:
      return {INT32_MIN, INT32_MAX};
    case values::kOnnxInt4:
      return {-8, 7};
    case values::kOnnxUint4:
      return {0, 15};
    default:
      throw graph::Unsupported(fmt::format("quantises to data type {}, expected integers", type));
  }
}

int64_t IntegerLimits::rounded(float value, int64_t zero) const {
  if (std::isnan(value)) return lo;
  const auto least = static_cast<float>(lo - zero), most = static_cast<float>(hi - zero);
  return std::clamp(static_cast<int64_t>(std::nearbyint(std::clamp(value, least, most))) + zero, lo,
                    hi);
}

void add_quantisation_host_operators(HostOperators& table) {
  for (const char* domain : {"", "com.microsoft."}) {
    table[std::string(domain) + "QuantizeLinear"] = quantize_linear;
    table[std::string(domain) + "DequantizeLinear"] = dequantize_linear;
  }
  table["DynamicQuantizeLinear"] = dynamic_quantize_linear;
  for (const std::string domain :
       {"qonnx.custom_op.general.", "finn.custom_op.general.", "onnx.brevitas."}) {
    table[domain + "Quant"] = quant_of_qonnx;
    table[domain + "IntQuant"] = quant_of_qonnx;
    table[domain + "BipolarQuant"] = bipolar_of_qonnx;
  }
}

}  // namespace systole::host
