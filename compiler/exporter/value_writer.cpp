// SPDX-License-Identifier: Apache-2.0
// Pairs of QuantizeLinear and DequantizeLinear behind what is rounded; reshapes and transposes
// between forms.
#include "compiler/exporter/value_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <sstream>

#include "compiler/values/literal.h"
#include "model/base/error.h"

namespace systole::exporter {

namespace {

constexpr int kInt8 = onnx::TensorProto::INT8, kUint8 = onnx::TensorProto::UINT8;

/// What a zero point is in the file, of integers of `type`: bytes are stored less 2^(bits-1).
int zero_in_file(const graph::Codes& codes, int type) {
  return type == kUint8               ? codes.zero + 128
         : type == values::kOnnxUint4 ? codes.zero + 8
                                      : codes.zero;
}

bool spans(const graph::Codes& codes, int bits) {
  return codes.lo == -(1 << (bits - 1)) && codes.hi == (1 << (bits - 1)) - 1 && !codes.bipolar;
}

/// The bits of codes lo..hi that QONNX's Quant has: all of them, or all but the lowest.
int quant_bits(const graph::Codes& codes) {
  const int bits = std::bit_width(static_cast<unsigned>(codes.hi)) + 1;
  const bool narrow = codes.lo == -codes.hi;
  const bool all = spans(codes, bits) || (narrow && codes.hi == (1 << (bits - 1)) - 1);
  return all && !codes.bipolar && bits >= 2 && bits <= 8 ? bits : 0;
}

}  // namespace

ValueWriter::ValueWriter(ModelBuilder& model, const graph::Graph& graph, int64_t most_opset)
    : model_(model), graph_(graph), most_opset_(most_opset), made_(graph.values.size()) {
  for (const auto* list : {&graph.inputs, &graph.outputs})
    for (const graph::ValueId v : *list) model_.reserve(value(v).name);
}

std::optional<Form> ValueWriter::form_in_file(graph::ValueId v, const char* what) const {
  const auto form = stated_form(value(v));
  // Any dimensions whose elements are those of a map, in its order.
  if (form || (value(v).order.empty() && !value(v).channels_last)) return form;
  throw Error(fmt::format("{} '{}': its elements are in an order that is not written, expected "
                          "[n, c], [n, c, h, w] or [n, h, w, c]",
                          what, value(v).name),
              ExitCode::kCannotCompile);
}

void ValueWriter::add_input(graph::ValueId v) {
  const graph::Value& in = value(v);
  const auto stated = form_in_file(v, "input");
  const Form form = stated.value_or(Form::kMap);
  const auto as_form = [&](const std::string& x) {
    return stated ? x : reshaped(x, dims_of(in.shape, form, 0), "");
  };
  std::vector<int64_t> dims = in.onnx_shape;
  if (graph_.stated_batch == 0) dims[0] = 0;
  if (!in.integer_zero) {
    model_.add_input(in.name, onnx::TensorProto::FLOAT, dims);
    const std::string real =
        in.codes ? rounded(in.name, *in.codes, in.name, "") : std::string(in.name);
    return define_rounded(v, form, as_form(real));
  }
  const int type = *in.integer_zero == 0      ? kInt8
                   : *in.integer_zero == -128 ? kUint8
                                              : int{onnx::TensorProto::UNDEFINED};
  if (type == onnx::TensorProto::UNDEFINED)
    throw Error(fmt::format("input '{}': integers of less than 8 bits are not written", in.name),
                ExitCode::kCannotCompile);
  model_.add_input(in.name, type, dims);
  const Scales by = scales(*in.codes, type, in.name);
  define_rounded(v, form, as_form(real_of(in.name, by, in.name, "")));
}

void ValueWriter::add_output(graph::ValueId v) {
  const graph::Value& out = value(v);
  std::vector<int64_t> dims = out.onnx_shape;
  if (graph_.stated_batch == 0) dims[0] = 0;
  const std::string x = real_in_file(v);
  const std::vector<program::HostStep> steps = steps_of(v);
  if (!steps.empty()) return model_.add_output(out.name, write_steps(out.name, x, steps), dims);
  if (!out.integer_zero) {
    if (x != out.name) model_.add("Identity", out.name + "/output", {x}, out.name);
    model_.add_output(out.name, onnx::TensorProto::FLOAT, dims);
    return;
  }
  const int type = *out.integer_zero == 0 ? kInt8 : kUint8;
  if (!out.codes || !spans(*out.codes, 8))
    throw Error(fmt::format("output '{}': integers of less than 8 bits are not written", out.name),
                ExitCode::kCannotCompile);
  const std::string name = out.name + "/output";
  integers_of(x, scales(*out.codes, type, name), name, out.name);
  model_.add_output(out.name, type, dims);
}

std::string ValueWriter::real_in_file(graph::ValueId v) {
  if (const auto form = form_in_file(v, "output")) return real(v, *form);
  std::vector<int64_t> dims = value(v).onnx_shape;
  if (!dims.empty() && dims[0] == std::max<int64_t>(graph_.stated_batch, 1)) dims[0] = 0;
  return reshaped(real(v, Form::kMap), dims, "");
}

std::vector<program::HostStep> ValueWriter::steps_of(graph::ValueId v) const {
  std::vector<program::HostStep> steps;
  for (const program::HostStep& step : graph_.host_steps)
    if (step.tensor == value(v).name) steps.push_back(step);
  return steps;
}

int ValueWriter::write_steps(const std::string& output, std::string x,
                             const std::vector<program::HostStep>& steps) {
  int type = onnx::TensorProto::FLOAT;
  for (const program::HostStep& step : steps) {
    const std::string result = &step == &steps.back() ? output : "";
    if (step.op == "softmax" || step.op == "log_softmax") {
      const char* op = step.op == "softmax" ? "Softmax" : "LogSoftmax";
      onnx::NodeProto& node = model_.add(op, output + "/" + op, {x}, result);
      set_attribute(node, "axis", step.axis);
      x = node.output(0);
      continue;
    }
    std::istringstream text(step.op);  // "round scale zero lo hi reals|integers"
    std::string word, kind;
    graph::Codes codes;
    text >> word >> codes.scale >> codes.zero >> codes.lo >> codes.hi >> kind;
    const bool is_signed = codes.lo == -128 && codes.hi == 127;
    if (word != "round" || !text || !(is_signed || (codes.lo == 0 && codes.hi == 255)))
      throw Error(fmt::format("output '{}': the step '{}' is not written", output, step.op),
                  ExitCode::kCannotCompile);
    if (!is_signed) codes.zero -= 128;
    const int integers = is_signed ? kInt8 : kUint8;
    const Scales by = scales(codes, integers, output + "/output");
    x = integers_of(x, by, output + "/output", kind == "integers" ? result : "");
    if (kind == "integers") type = integers;
    if (kind == "reals") x = real_of(x, by, output + "/output", result);
  }
  return type;
}

std::string ValueWriter::computed(graph::ValueId v) { return model_.new_tensor(value(v).name); }

void ValueWriter::define(graph::ValueId v, Form form, const std::string& computed,
                         const std::string& rounding) {
  const graph::Value& of = value(v);
  const bool last =
      graph_.is_output(v) && !of.integer_zero && stated_form(of) == form && steps_of(v).empty();
  if (!of.codes) return define_rounded(v, form, computed);
  define_rounded(v, form, rounded(computed, *of.codes, of.name, last ? of.name : "", rounding));
}

void ValueWriter::define_rounded(graph::ValueId v, Form form, const std::string& real) {
  made(v) = {form, {{form, real}}};
}

void ValueWriter::alias(graph::ValueId v, graph::ValueId other) { made(v) = made(other); }

std::string ValueWriter::real(graph::ValueId v, Form form) {
  Made& have = made(v);
  const auto found = have.real.find(form);
  if (found != have.real.end()) return found->second;
  const std::string result = convert(have.real.at(have.form), value(v).shape, have.form, form, "");
  return have.real[form] = result;
}

std::string ValueWriter::transposed(const std::string& x, const std::vector<int64_t>& perm,
                                    const std::string& result) {
  onnx::NodeProto& node = model_.add("Transpose", x + "/transpose", {x}, result);
  set_attribute(node, "perm", perm);
  return node.output(0);
}

std::string ValueWriter::reshaped(const std::string& x, const std::vector<int64_t>& dims,
                                  const std::string& result) {
  const std::string shape = model_.constant(x + "/dims", dims);
  return model_.add("Reshape", x + "/reshape", {x, shape}, result).output(0);
}

std::string ValueWriter::convert(const std::string& x, const graph::Chw& shape, Form from, Form to,
                                 const std::string& result) {
  const bool one_pixel = shape.h * shape.w == 1;
  const bool from_last = from == Form::kMapLast || from == Form::kLineLast;
  const bool to_last = to == Form::kMapLast || to == Form::kLineLast;
  if (one_pixel || from_last == to_last) return reshaped(x, dims_of(shape, to, 0), result);
  const bool four = from == Form::kMap || from == Form::kMapLast;
  const std::vector<int64_t> perm =
      four ? (from_last ? std::vector<int64_t>{0, 3, 1, 2} : std::vector<int64_t>{0, 2, 3, 1})
           : std::vector<int64_t>{0, 2, 1};
  const Form turned = four ? (from_last ? Form::kMap : Form::kMapLast)
                           : (from_last ? Form::kLine : Form::kLineLast);
  if (turned == to) return transposed(x, perm, result);
  return reshaped(transposed(x, perm, ""), dims_of(shape, to, 0), result);
}

ValueWriter::Scales ValueWriter::scales(const graph::Codes& codes, int type,
                                        const std::string& name) {
  return {model_.constant(name + "/scale", std::vector<float>{codes.scale}, {}),
          model_.constant(name + "/zero_point", Integers{{zero_in_file(codes, type)}, type}, {})};
}

std::string ValueWriter::integers_of(const std::string& x, const Scales& by,
                                     const std::string& name, const std::string& result,
                                     const std::string& node) {
  return model_
      .add("QuantizeLinear", node.empty() ? name + "/QuantizeLinear" : node, {x, by.scale, by.zero},
           result.empty() ? model_.new_tensor(name + "/quantised") : result)
      .output(0);
}

std::string ValueWriter::real_of(const std::string& integers, const Scales& by,
                                 const std::string& name, const std::string& result) {
  return model_
      .add("DequantizeLinear", name + "/DequantizeLinear", {integers, by.scale, by.zero},
           result.empty() ? model_.new_tensor(name + "/dequantised") : result)
      .output(0);
}

ValueWriter::Quantised ValueWriter::quantised(graph::ValueId v, Form form,
                                              const std::string& name) {
  const auto& codes = value(v).codes;
  if (!codes || !spans(*codes, 8))
    throw Error(fmt::format("tensor '{}': codes of less than 8 bits of a quantised operator are "
                            "not written",
                            value(v).name),
                ExitCode::kCannotCompile);
  const Scales by = scales(*codes, kInt8, name);
  return {integers_of(real(v, form), by, name, ""), by.scale, by.zero};
}

std::string ValueWriter::quantised_result(const std::string& op, const std::string& name,
                                          const std::vector<Quantised>& inputs,
                                          const graph::Codes& codes) {
  std::vector<std::string> operands;
  for (const Quantised& in : inputs)
    operands.insert(operands.end(), {in.integers, in.scale, in.zero});
  const Scales by = scales(codes, kInt8, name);
  operands.insert(operands.end(), {by.scale, by.zero});
  const std::string integers =
      model_.add(op, name, operands, model_.new_tensor(name + "/quantised"), kMicrosoft).output(0);
  return real_of(integers, by, name, "");
}

std::string ValueWriter::rounded(const std::string& x, const graph::Codes& codes,
                                 const std::string& name, const std::string& result,
                                 const std::string& node) {
  const bool nibbles = spans(codes, 4) && most_opset_ >= kFirstInt4Opset;
  if (spans(codes, 8) || nibbles) {
    if (nibbles) model_.need_opset(kFirstInt4Opset);
    const Scales by = scales(codes, nibbles ? values::kOnnxInt4 : kInt8, name);
    return real_of(integers_of(x, by, name, "", node), by, name, result);
  }
  const int bits = quant_bits(codes);
  if (bits == 0)
    throw Error(fmt::format("tensor '{}': codes {}..{} of zero point {} have no form in ONNX", name,
                            codes.lo, codes.hi, codes.zero),
                ExitCode::kCannotCompile);
  const auto number = [&](const char* what, double n) {
    return model_.constant(name + what, std::vector<float>{static_cast<float>(n)}, {});
  };
  onnx::NodeProto& quant = model_.add(
      "Quant", node.empty() ? name + "/Quant" : node,
      {x, number("/scale", codes.scale), number("/zero_point", codes.zero), number("/bits", bits)},
      result.empty() ? model_.new_tensor(name + "/rounded") : result, kQonnx);
  set_attribute(quant, "signed", int64_t{1});
  set_attribute(quant, "narrow", int64_t{codes.lo == -codes.hi});
  set_attribute(quant, "rounding_mode", std::string("ROUND"));
  return quant.output(0);
}

}  // namespace systole::exporter
