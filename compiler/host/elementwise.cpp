// SPDX-License-Identifier: Apache-2.0
// Elementwise operators on the host, with broadcasting.
#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "compiler/host/host_call.h"
#include "compiler/host/result_types.h"
#include "compiler/host/strides.h"
#include "compiler/values/unary_functions.h"

namespace systole::host {

namespace {

int64_t wrap(uint64_t v) { return static_cast<int64_t>(v); }
uint64_t bits(int64_t v) { return static_cast<uint64_t>(v); }

int64_t quotient(int64_t a, int64_t b) {
  if (b == 0) throw Error("division by zero");
  return b == -1 ? wrap(0 - bits(a)) : a / b;
}

int64_t modulo(int64_t a, int64_t b) {
  if (b == 0) throw Error("division by zero");
  const int64_t rest = b == -1 ? 0 : a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

int64_t power(int64_t a, int64_t b) {
  return static_cast<int64_t>(std::pow(static_cast<double>(a), static_cast<double>(b)));
}

/// A binary operator on doubles (rounded to float32 once) and on integers.
struct Binary {
  double (*real)(double, double);
  int64_t (*integer)(int64_t, int64_t);
  bool predicate = false;  ///< the result is 0 or 1
};

template <typename Compare>
constexpr Binary predicate() {
  return {[](double a, double b) { return Compare()(a, b) ? 1.0 : 0.0; },
          [](int64_t a, int64_t b) -> int64_t { return Compare()(a, b) ? 1 : 0; }, true};
}

struct Xor {
  template <typename T>
  bool operator()(T a, T b) const {
    return (a != 0) != (b != 0);
  }
};

const std::map<std::string, Binary>& binaries() {
  static const std::map<std::string, Binary> table = {
      {"Add",
       {[](double a, double b) { return a + b; },
        [](int64_t a, int64_t b) { return wrap(bits(a) + bits(b)); }}},
      {"Sub",
       {[](double a, double b) { return a - b; },
        [](int64_t a, int64_t b) { return wrap(bits(a) - bits(b)); }}},
      {"Mul",
       {[](double a, double b) { return a * b; },
        [](int64_t a, int64_t b) { return wrap(bits(a) * bits(b)); }}},
      {"Div", {[](double a, double b) { return a / b; }, quotient}},
      {"Pow", {[](double a, double b) { return std::pow(a, b); }, power}},
      {"Max",
       {[](double a, double b) { return std::fmax(a, b); },
        [](int64_t a, int64_t b) { return std::max(a, b); }}},
      {"Min",
       {[](double a, double b) { return std::fmin(a, b); },
        [](int64_t a, int64_t b) { return std::min(a, b); }}},
      {"Sum", {[](double a, double b) { return a + b; }, nullptr}},
      {"Mod", {[](double a, double b) { return std::fmod(a, b); }, modulo}},
      {"PRelu", {[](double a, double b) { return a < 0 ? a * b : a; }, nullptr}},
      {"Equal", predicate<std::equal_to<>>()},
      {"Less", predicate<std::less<>>()},
      {"Greater", predicate<std::greater<>>()},
      {"LessOrEqual", predicate<std::less_equal<>>()},
      {"GreaterOrEqual", predicate<std::greater_equal<>>()},
      {"And", predicate<std::logical_and<>>()},
      {"Or", predicate<std::logical_or<>>()},
      {"Xor", predicate<Xor>()},
  };
  return table;
}

double element(const values::Literal& l, int64_t i) {
  const auto at = static_cast<size_t>(i);
  return l.is_float ? double{l.floats[at]} : static_cast<double>(l.ints[at]);
}

values::Literal binary(const std::string& name, const values::Literal& a,
                       const values::Literal& b) {
  const Binary& op = binaries().at(name);
  if (a.is_float != b.is_float && name != "Pow") throw Error("operands of different types");
  if (!a.is_float && !b.is_float && op.integer == nullptr)
    throw Error("operands are integers, expected floats");
  const values::Dims dims = broadcast_dims(a.dims, b.dims);
  const std::array<values::Dims, 2> strides = {broadcast_strides(a.dims, dims),
                                               broadcast_strides(b.dims, dims)};
  const bool whole = !a.is_float && !b.is_float;
  values::Literal result = zeros(dims, a.is_float && !op.predicate);
  size_t at = 0;
  walk<2>(dims, strides, {0, 0}, [&](const auto& p) {
    if (whole) {
      result.ints[at] =
          op.integer(a.ints[static_cast<size_t>(p[0])], b.ints[static_cast<size_t>(p[1])]);
    } else {
      const double value = op.real(element(a, p[0]), element(b, p[1]));
      if (result.is_float)
        result.floats[at] = static_cast<float>(value);
      else
        result.ints[at] = static_cast<int64_t>(value);
    }
    ++at;
  });
  return result;
}

/// Mod with fmod = 1 of integers: the sign is the dividend's.
values::Literal c_remainder(const HostCall& call) {
  const values::Literal whole = binary("Div", call.at(0), call.at(1));
  return binary("Sub", call.at(0), binary("Mul", whole, call.at(1)));
}

HostResults binary_operator(const HostCall& call) {
  values::Literal result = call.at(0);
  if (call.attribute("fmod", 0) != 0 && !result.is_float) return {c_remainder(call)};
  for (size_t i = 1; i < call.inputs.size(); ++i)
    result = binary(call.node.op_type(), result, call.at(i));
  return {std::move(result)};
}

/// With fmod = 1 the remainder has the sign of the dividend, integers' too.
HostResults mod(const HostCall& call) {
  const bool truncates = call.attribute("fmod", 0) != 0;
  if (call.at(0).is_float || !truncates) return binary_operator(call);
  const values::Literal quotients = binary("Div", call.at(0), call.at(1));
  return {binary("Sub", call.at(0), binary("Mul", quotients, call.at(1)))};
}

HostResults mean(const HostCall& call) {
  values::Literal sum = call.floats(0);
  for (size_t i = 1; i < call.inputs.size(); ++i) sum = binary("Sum", sum, call.at(i));
  for (float& v : sum.floats) v /= static_cast<float>(call.inputs.size());
  return {std::move(sum)};
}

template <typename F>
values::Literal each_float(const values::Literal& in, F f) {
  values::Literal result = in;
  for (float& v : result.floats) v = f(v);
  return result;
}

HostResults function_of_one(const HostCall& call) {
  if (!call.at(0).is_float && (call.node.op_type() == "Neg" || call.node.op_type() == "Abs")) {
    values::Literal result = call.at(0);
    const bool negate = call.node.op_type() == "Neg";
    for (int64_t& v : result.ints) v = negate || v < 0 ? wrap(0 - bits(v)) : v;
    return {std::move(result)};
  }
  const graph::Function f = *values::unary_function(call.node);
  return {each_float(call.floats(0), [&](float v) { return static_cast<float>(f(double{v})); })};
}

HostResults relu(const HostCall& call) {
  return {each_float(call.floats(0), [](float v) { return v < 0 ? 0.0f : v; })};
}

HostResults clip(const HostCall& call) {
  values::Literal result = call.at(0);
  const auto clamp_all = [&](auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    using Limits = std::numeric_limits<T>;
    const auto bound = [&](size_t i, const char* name, T fallback) {
      if (!call.has(i)) {
        const bool stated = values::find_attribute(call.node, name) != nullptr;
        return stated ? static_cast<T>(values::float_attribute(call.node, name, 0.0f)) : fallback;
      }
      const values::Literal& given = call.at(i);
      if (given.size() != 1 || given.is_float != result.is_float)
        throw Error(fmt::format("{} is not one number of the tensor's type", name));
      return given.is_float ? static_cast<T>(given.floats[0]) : static_cast<T>(given.ints[0]);
    };
    const T lo = bound(1, "min", Limits::has_infinity ? -Limits::infinity() : Limits::lowest());
    const T hi = bound(2, "max", Limits::has_infinity ? Limits::infinity() : Limits::max());
    for (T& v : values) v = std::min(std::max(v, lo), hi);
  };
  result.is_float ? clamp_all(result.floats) : clamp_all(result.ints);
  return {std::move(result)};
}

HostResults where(const HostCall& call) {
  const values::Literal &choice = call.at(0), &yes = call.at(1), &no = call.at(2);
  if (choice.is_float || yes.is_float != no.is_float) throw Error("operands of different types");
  const values::Dims dims = broadcast_dims(choice.dims, broadcast_dims(yes.dims, no.dims));
  values::Literal result = zeros(dims, yes.is_float);
  size_t at = 0;
  walk<3>(dims,
          {broadcast_strides(choice.dims, dims), broadcast_strides(yes.dims, dims),
           broadcast_strides(no.dims, dims)},
          {0, 0, 0}, [&](const auto& p) {
            const bool first = choice.ints[static_cast<size_t>(p[0])] != 0;
            const auto from = static_cast<size_t>(first ? p[1] : p[2]);
            with_elements(result, first ? yes : no,
                          [&](auto& to, const auto& in) { to[at] = in[from]; });
            ++at;
          });
  return {std::move(result)};
}

HostResults logical_not(const HostCall& call) {
  if (call.at(0).is_float) throw Error("operand is float, expected bool");
  values::Literal result = call.at(0);
  for (int64_t& v : result.ints) v = v == 0 ? 1 : 0;
  return {std::move(result)};
}

HostResults is_nan(const HostCall& call) {
  values::Literal result = zeros(call.floats(0).dims, false);
  for (size_t i = 0; i < result.ints.size(); ++i)
    result.ints[i] = std::isnan(call.at(0).floats[i]) ? 1 : 0;
  return {std::move(result)};
}

/// Floats are held as float32; of FLOAT16 and BFLOAT16 they keep as many bits as those have.
float stored_as(float v, int64_t type) {
  if (type == onnx::TensorProto::FLOAT16) return static_cast<float>(Eigen::half(v));
  if (type == onnx::TensorProto::BFLOAT16) return static_cast<float>(Eigen::bfloat16(v));
  return v;
}

HostResults cast(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const int64_t to = call.attribute("to", 0);
  values::Literal result = zeros(in.dims, is_float_type(static_cast<int>(to)));
  result.type = static_cast<int>(to);
  if (result.is_float) {
    for (size_t i = 0; i < result.floats.size(); ++i)
      result.floats[i] = stored_as(in.is_float ? in.floats[i] : static_cast<float>(in.ints[i]), to);
    return {std::move(result)};
  }
  const bool truth = to == onnx::TensorProto::BOOL;
  if (!is_integer_type(result.type))
    throw graph::Unsupported(fmt::format("cast to data type {}", to));
  for (size_t i = 0; i < result.ints.size(); ++i) {
    if (truth) {
      result.ints[i] = in.is_float ? in.floats[i] != 0 : in.ints[i] != 0;
    } else if (in.is_float) {
      if (!(std::fabs(in.floats[i]) < 0x1p62f))
        throw Error(fmt::format("cannot cast {} to an integer", in.floats[i]));
      result.ints[i] = static_cast<int64_t>(in.floats[i]);
    } else {
      result.ints[i] = in.ints[i];
    }
  }
  return {std::move(result)};
}

}  // namespace

void add_elementwise_host_operators(HostOperators& table) {
  for (const auto& [name, op] : binaries()) table[name] = binary_operator;
  for (const std::string& name : values::unary_function_names()) table[name] = function_of_one;
  table["Mean"] = mean;
  table["Mod"] = mod;
  table["Relu"] = relu;
  table["Clip"] = clip;
  table["Where"] = where;
  table["Not"] = logical_not;
  table["IsNaN"] = is_nan;
  table["Cast"] = cast;
}

}  // namespace systole::host
