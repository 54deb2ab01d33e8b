// SPDX-License-Identifier: Apache-2.0
// Reads the inputs' dimensions.
#include "compiler/onnx/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/data/dataset.h"
#include "compiler/onnx/quantised.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// The integers of a type that only the host reads; nothing for others.
std::optional<data::WholeNumbers> host_integers(int type) {
  switch (type) {
    case onnx::TensorProto::BOOL:
      return data::WholeNumbers{0, 1};
    case onnx::TensorProto::INT16:
      return data::WholeNumbers{-32768, 32767};
    case onnx::TensorProto::UINT16:
      return data::WholeNumbers{0, 65535};
    case onnx::TensorProto::UINT32:
    case onnx::TensorProto::UINT64:
      return data::WholeNumbers{0, data::kAnyWholeNumber.greatest};
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::INT64:
      return data::kAnyWholeNumber;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<data::WholeNumbers> whole_numbers(int type) {
  const auto narrow = integer_type(type);
  if (!narrow) return host_integers(type);
  const int64_t least = narrow->is_signed ? -(1 << (narrow->bits - 1)) : 0;
  return data::WholeNumbers{least, least + (1 << narrow->bits) - 1};
}

namespace {

/// Fills in what `input` holds. Throws Error for types that are none of ours, and if `floats_only`
/// for integers that only the host reads.
void read_type(const onnx::ValueInfoProto& input, bool floats_only, StatedInput& stated) {
  const int code = input.type().tensor_type().elem_type();
  if (values::is_real_type(code)) return;
  stated.integers = whole_numbers(code);
  if (integer_type(code)) return;
  stated.is_float = false;
  if (stated.integers && !floats_only) return;
  throw Error(
      fmt::format("input '{}' is {}, expected FLOAT, FLOAT16, DOUBLE, BFLOAT16, INT8 or "
                  "UINT8{}",
                  input.name(), values::type_name(code),
                  stated.integers ? "; --host-fallback takes integers that the host reads" : ""),
      ExitCode::kCannotCompile);
}

/// Dimensions of the network's input; a dynamic leading one becomes 1 and `stated_batch` 0.
values::Dims input_dims(const onnx::ValueInfoProto& input, int64_t* stated_batch,
                        const InputShapes& shapes) {
  if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
    throw Error(fmt::format("input '{}' states no shape", input.name()));
  }
  const auto& type = input.type().tensor_type();
  values::Dims dims;
  const auto given = shapes.find(input.name());
  if (given != shapes.end() &&
      given->second.size() != static_cast<size_t>(type.shape().dim_size())) {
    throw Error(fmt::format("--shape {}: {} dimensions, the network states {}", input.name(),
                            given->second.size(), type.shape().dim_size()));
  }
  for (int i = 0; i < type.shape().dim_size(); ++i) {
    const auto& dim = type.shape().dim(i);
    if (given != shapes.end()) {
      const int64_t size = given->second[static_cast<size_t>(i)];
      if (dim.has_dim_value() && dim.dim_value() > 0 && dim.dim_value() != size) {
        throw Error(fmt::format("--shape {}: dimension {} is {}, the network states {}",
                                input.name(), i, size, dim.dim_value()));
      }
      dims.push_back(size);
      if (i == 0) *stated_batch = size;
      continue;
    }
    if (dim.has_dim_value() && dim.dim_value() > 0) {
      dims.push_back(dim.dim_value());
    } else if (i == 0 && !(dim.has_dim_value() && dim.dim_value() < -1)) {
      dims.push_back(1);
      *stated_batch = 0;
      continue;
    } else {
      const std::string label =
          dim.has_dim_param() ? dim.dim_param() : std::to_string(dim.dim_value());
      throw Error(
          fmt::format(
              "input '{}': dimension {} ('{}') is not fixed; bind it by --shape NAME=N,C,... "
              "(--batch binds the leading one)",
              input.name(), i, label),
          ExitCode::kCannotCompile);
    }
    if (i == 0) *stated_batch = dims[0];
  }
  values::element_count(dims, fmt::format("input '{}'", input.name()), values::kMaxBatchElements);
  return dims;
}

}  // namespace

std::vector<StatedInput> stated_inputs(const ImportContext& context, const onnx::GraphProto& proto,
                                       const InputShapes& shapes, bool floats_only) {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const auto& input : proto.input()) {
    bool is_initializer = false;
    for (const auto& tensor : proto.initializer()) is_initializer |= tensor.name() == input.name();
    if (!is_initializer &&
        (context.is_read(input.name()) || context.is_network_output(input.name())))
      inputs.push_back(&input);
  }
  if (inputs.empty())
    throw Error("the network has no input that is read", ExitCode::kCannotCompile);
  for (const auto& [name, dims] : shapes) {
    const bool known =
        std::any_of(inputs.begin(), inputs.end(),
                    [&wanted = name](const auto* input) { return input->name() == wanted; });
    std::vector<std::string> names;
    names.reserve(inputs.size());
    for (const auto* input : inputs) names.push_back("'" + input->name() + "'");
    if (!known) {
      throw Error(fmt::format("--shape {}: not an input of the network, expected {}", name,
                              fmt::join(names, ", ")));
    }
  }
  std::vector<StatedInput> stated;
  for (const auto* input : inputs) {
    StatedInput one;
    one.name = input->name();
    one.dims = input_dims(*input, &one.stated_batch, shapes);
    read_type(*input, floats_only, one);
    stated.push_back(std::move(one));
  }
  return stated;
}

std::optional<graph::Codes> define_value(ImportContext& context, const onnx::GraphProto& proto,
                                         const std::string& name, const values::Dims& dims,
                                         const std::optional<IntegerType>& integers,
                                         const std::optional<graph::Codes>& codes) {
  const bool channels_last =
      dims.size() > 2 && dims.size() < 5 && states_channels_last(proto, name);
  const graph::Chw shape = context.item_shape(dims, channels_last);
  const auto id = static_cast<graph::ValueId>(context.graph.values.size());
  context.graph.inputs.push_back(id);
  context.graph.values.push_back({name, shape, dims, channels_last, codes});
  context.define(name, {dims, nullptr, id, channels_last, integers});
  if (!integers) return codes;
  graph::Value& value = context.graph.values.back();
  value.integer_zero = integers->offset();
  try {
    if (!codes) value.codes = codes_of_input(context, proto, name, *integers);
  } catch (const graph::Unsupported&) {  // its reader will say so
  }
  return value.codes;
}

void define_input(ImportContext& context, const onnx::GraphProto& proto, const std::string& name,
                  const values::Dims& dims, const std::optional<graph::Codes>& codes) {
  std::optional<IntegerType> type;
  for (const auto& input : proto.input())
    if (input.name() == name) type = integer_type(input.type().tensor_type().elem_type());
  define_value(context, proto, name, dims, type, codes);
}

void import_inputs(ImportContext& context, const onnx::GraphProto& proto, const InputShapes& shapes,
                   const KnownCodes& codes) {
  const std::vector<StatedInput> inputs = stated_inputs(context, proto, shapes, true);
  context.graph.stated_batch = inputs[0].stated_batch;
  for (const StatedInput& input : inputs) {
    const values::Dims& dims = input.dims;
    if (dims.size() < 2 || dims.size() > 5) {
      throw Error(fmt::format("input '{}' has shape {}, expected [batch, features] or [batch, "
                              "channels, height, width]",
                              input.name, values::dims_text(dims)),
                  ExitCode::kCannotCompile);
    }
    if (&input == &inputs[0]) {
      context.set_batch(dims[0]);
    } else if (dims[0] != context.batch()) {
      throw Error(fmt::format("input '{}' has the leading dimension {}, input '{}' has {}",
                              input.name, dims[0], inputs[0].name, context.batch()),
                  ExitCode::kCannotCompile);
    }
    const auto known = codes.find(input.name);
    define_input(context, proto, input.name, dims,
                 known == codes.end() ? std::nullopt : std::optional<graph::Codes>(known->second));
  }
}

}  // namespace systole::importer
