// SPDX-License-Identifier: Apache-2.0
// Evaluation of constant nodes.
#include "compiler/onnx/constant_fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "compiler/onnx/attributes.h"
#include "model/arch/error.h"

namespace systole {

namespace {

using Literals = std::vector<const Literal*>;

constexpr int64_t kMaxFilled = int64_t{1} << 24;  // elements that a few bytes of file may make

Literal integers(std::vector<int64_t> values) {
  Literal literal;
  literal.is_float = false;
  literal.dims = {static_cast<int64_t>(values.size())};
  literal.ints = std::move(values);
  return literal;
}

/// Calls f with the element vector of `literal`.
template <typename F>
void with_elements(Literal& literal, F f) {
  literal.is_float ? f(literal.floats) : f(literal.ints);
}

Literal with_dims(const Literal& literal, Dims dims) {
  Literal result = literal;
  result.dims = std::move(dims);
  if (element_count(result.dims, "result") != result.size())
    throw Error("the shape does not fit the constant");
  return result;
}

/// Elements of `source` at `indices`.
Literal pick(const Literal& source, const std::vector<int64_t>& indices, Dims dims) {
  Literal result;
  result.is_float = source.is_float;
  result.dims = std::move(dims);
  for (int64_t i : indices) {
    const auto at = static_cast<size_t>(i);
    source.is_float ? result.floats.push_back(source.floats[at])
                    : result.ints.push_back(source.ints[at]);
  }
  return result;
}

Literal constant_node(const onnx::NodeProto& node, const std::filesystem::path& folder) {
  if (const auto* a = find_attribute(node, "value")) return read_literal(a->t(), folder);
  if (const auto* a = find_attribute(node, "value_int")) return with_dims(integers({a->i()}), {});
  if (const auto* a = find_attribute(node, "value_ints"))
    return integers({a->ints().begin(), a->ints().end()});
  Literal literal;
  if (const auto* a = find_attribute(node, "value_float")) {
    literal.floats = {a->f()};
    return literal;
  }
  if (const auto* a = find_attribute(node, "value_floats")) {
    literal.floats.assign(a->floats().begin(), a->floats().end());
    literal.dims = {literal.size()};
    return literal;
  }
  throw Unsupported("only number and tensor constants are supported");
}

Literal shape_of(const onnx::NodeProto& node, const Dims& dims) {
  const auto rank = static_cast<int64_t>(dims.size());
  const auto bound = [&](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + rank : v, 0, rank); };
  const int64_t start = bound(int_attribute(node, "start", 0));
  const int64_t end = std::max(start, bound(int_attribute(node, "end", rank)));
  return integers({dims.begin() + start, dims.begin() + end});
}

Literal gather(const onnx::NodeProto& node, const Literals& in) {
  const Literal &data = *in.at(0), &index = *in.at(1);
  normalise_axis(int_attribute(node, "axis", 0), static_cast<int64_t>(data.dims.size()));
  if (data.dims.size() != 1 || index.is_float)
    throw Unsupported("constant Gather of more than one dimension");
  std::vector<int64_t> indices;
  for (int64_t i : index.ints) indices.push_back(normalise_axis(i, data.dims[0]));
  return pick(data, indices, index.dims);
}

Literal concat(const onnx::NodeProto& node, const Literals& in) {
  int_attribute(node, "axis", 0);
  Literal result = *in.at(0);
  result.scales.reset();
  result.exact.clear();
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i]->dims.size() != 1 || in[i]->is_float != result.is_float) {
      throw Unsupported("constant Concat of more than one dimension");
    }
    if (i == 0) continue;
    result.floats.insert(result.floats.end(), in[i]->floats.begin(), in[i]->floats.end());
    result.ints.insert(result.ints.end(), in[i]->ints.begin(), in[i]->ints.end());
  }
  result.dims = {result.size()};
  return result;
}

Literal slice(const onnx::NodeProto& node, const Literals& in) {
  const Literal& data = *in.at(0);
  if (data.dims.size() != 1) throw Unsupported("constant Slice of more than one dimension");
  const auto number = [&](size_t i, const char* name, int64_t fallback) {
    const std::vector<int64_t> values =
        i < in.size() && in[i] != nullptr ? in[i]->ints : ints_attribute(node, name, {fallback});
    if (values.size() != 1)
      throw Error(fmt::format("{} of a one-dimensional Slice has {} values", name, values.size()));
    return values[0];
  };
  const int64_t size = data.dims[0];
  if (number(4, "steps", 1) != 1) throw Unsupported("constant Slice with steps");
  const auto bound = [&](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + size : v, 0, size); };
  const int64_t start = bound(number(1, "starts", 0)),
                end = std::max(start, bound(number(2, "ends", size)));
  std::vector<int64_t> indices(static_cast<size_t>(end - start));
  std::iota(indices.begin(), indices.end(), start);
  return pick(data, indices, {end - start});
}

Literal transpose(const onnx::NodeProto& node, const Literal& data) {
  const size_t rank = data.dims.size();
  std::vector<int64_t> reversed(rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const std::vector<int64_t> perm = ints_attribute(node, "perm", reversed);
  std::vector<int64_t> strides(rank, 1);
  for (size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * data.dims[i];
  if (!std::is_permutation(perm.begin(), perm.end(), reversed.begin(), reversed.end())) {
    throw Error("perm is not a permutation of the dimensions");
  }
  Dims dims;
  for (int64_t p : perm) dims.push_back(data.dims[static_cast<size_t>(p)]);
  std::vector<int64_t> indices(static_cast<size_t>(data.size()));
  for (size_t i = 0; i < indices.size(); ++i) {
    auto rest = static_cast<int64_t>(i);
    for (size_t d = rank; d-- > 0; rest /= dims[d]) {
      indices[i] += rest % dims[d] * strides[static_cast<size_t>(perm[d])];
    }
  }
  Literal result = pick(data, indices, dims);
  result.type = data.type;
  if (data.scales) {
    const auto moved = std::find(perm.begin(), perm.end(), data.scales->axis) - perm.begin();
    result.scales = LiteralScales{data.scales->scale, moved};
  }
  return result;
}

Literal cast(const onnx::NodeProto& node, const Literal& data) {
  const int64_t to = int_attribute(node, "to", 0);
  Literal result;
  result.dims = data.dims;
  if (to == onnx::TensorProto::FLOAT) {
    result.floats = data.floats;
    for (int64_t v : data.ints) result.floats.push_back(static_cast<float>(v));
    return result;
  }
  if (to != onnx::TensorProto::INT64 && to != onnx::TensorProto::INT32) {
    throw Unsupported("constant Cast to a type other than FLOAT, INT32 and INT64");
  }
  result.is_float = false;
  result.ints = data.ints;
  for (float v : data.floats) {
    if (!(std::fabs(v) < 0x1p62f)) throw Error(fmt::format("cannot cast {} to an integer", v));
    result.ints.push_back(static_cast<int64_t>(v));
  }
  return result;
}

template <typename T>
T combine(char op, T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    const auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
    if (op == '+') return static_cast<T>(x + y);
    if (op == '-') return static_cast<T>(x - y);
    if (op == '*') return static_cast<T>(x * y);
    if (b == 0 || b == -1) return b == 0 ? throw Error("division by zero") : static_cast<T>(0 - x);
    return a / b;
  } else {
    return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
  }
}

/// Both of one size, or one of them a single element.
Literal arithmetic(char op, const Literal& a, const Literal& b) {
  if (a.is_float != b.is_float) throw Error("operands of different types");
  const bool same = a.dims == b.dims, a_one = a.size() == 1, b_one = b.size() == 1;
  if (!same && !a_one && !b_one) throw Unsupported("broadcast between two constants");
  Literal result =
      !b_one || a.dims.size() > b.dims.size() ? (a_one && !same ? b : a) : (a_one ? b : a);
  result.scales.reset();  // the sum of two integers with scales is none
  result.exact.clear();
  with_elements(result, [&](auto& out) {
    using T = typename std::decay_t<decltype(out)>::value_type;
    const auto at = [&](const Literal& l, size_t i) -> T {
      const size_t j = l.size() == 1 ? 0 : i;
      return l.is_float ? static_cast<T>(l.floats[j]) : static_cast<T>(l.ints[j]);
    };
    for (size_t i = 0; i < out.size(); ++i) out[i] = combine<T>(op, at(a, i), at(b, i));
  });
  return result;
}

Literal constant_of_shape(const onnx::NodeProto& node, const Literal& shape,
                          const std::filesystem::path& folder) {
  const auto count = static_cast<size_t>(element_count(shape.ints, "result", kMaxFilled));
  Literal value;
  value.floats = {0.0f};
  if (const auto* a = find_attribute(node, "value")) value = read_literal(a->t(), folder);
  if (value.size() != 1) throw Error("the value of a ConstantOfShape is not one element");
  value.dims = shape.ints;
  with_elements(value, [&](auto& elements) { elements.assign(count, elements[0]); });
  return value;
}

Literal evaluate(const onnx::NodeProto& node, const Literals& in,
                 const std::filesystem::path& folder) {
  const std::string& op = node.op_type();
  if (op == "Gather" && in.size() == 2) return gather(node, in);
  if (op == "Concat") return concat(node, in);
  if (op == "Slice") return slice(node, in);
  if (op == "Transpose") return transpose(node, *in[0]);
  if (op == "Cast") return cast(node, *in[0]);
  if (op == "ConstantOfShape") return constant_of_shape(node, *in[0], folder);
  if (in.size() == 2) {
    if (op == "Add") return arithmetic('+', *in[0], *in[1]);
    if (op == "Sub") return arithmetic('-', *in[0], *in[1]);
    if (op == "Mul") return arithmetic('*', *in[0], *in[1]);
    if (op == "Div") return arithmetic('/', *in[0], *in[1]);
  }
  throw Unsupported("all its inputs are constant, and it is not evaluated");
}

}  // namespace

bool fold_constant(ImportContext& context, const onnx::NodeProto& node) {
  const std::string& op = node.op_type();
  std::optional<Literal> result;
  if (op == "Constant") {
    result = constant_node(node, context.folder());
  } else if (op == "Shape") {
    result = shape_of(node, context.operand(node, 0).dims);
  } else {
    // These keep the elements: the shape translators treat constants and activations alike.
    for (const char* same : {"Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze"}) {
      if (op == same) return false;
    }
    Literals inputs;
    for (int i = 0; i < node.input_size(); ++i) {
      if (context.is_refused(node.input(i))) return false;  // its translator may have more to say
      const Operand* operand = context.has_operand(node, i) ? &context.operand(node, i) : nullptr;
      if (operand != nullptr && operand->literal == nullptr) return false;
      inputs.push_back(operand == nullptr ? nullptr : operand->literal.get());
    }
    if (inputs.empty() || inputs[0] == nullptr) return false;
    if (std::count(inputs.begin(), inputs.end(), nullptr) != 0 && op != "Slice") return false;
    result = evaluate(node, inputs, context.folder());
  }
  Operand operand;
  operand.dims = result->dims;
  operand.literal = std::make_shared<Literal>(std::move(*result));
  context.define(node.output(0), std::move(operand));
  return true;
}

}  // namespace systole
