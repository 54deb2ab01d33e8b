// SPDX-License-Identifier: Apache-2.0
// Evaluation of constant nodes by the host's operators.
#include "compiler/onnx/constant_fold.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "compiler/host/host_operators.h"
#include "compiler/values/attributes.h"

namespace systole::importer {

namespace {

/// A tensor of which only the dimensions are known: all that Shape and Size read.
values::Literal only_dims(const values::Dims& dims) {
  values::Literal literal;
  literal.dims = dims;
  return literal;
}

/// The scales of a dequantised constant after `node`, which keeps its elements as they are; nothing
/// after other operators.
std::optional<values::LiteralScales> kept_scales(const onnx::NodeProto& node,
                                                 const values::Literal& from,
                                                 const values::Literal& to) {
  if (!from.scales) return std::nullopt;
  const std::string& op = node.op_type();
  values::LiteralScales scales = *from.scales;
  if (op == "Transpose") {
    std::vector<int64_t> perm(from.dims.size());
    std::iota(perm.rbegin(), perm.rend(), 0);
    perm = values::ints_attribute(node, "perm", perm);
    scales.axis = std::find(perm.begin(), perm.end(), scales.axis) - perm.begin();
    return scales;
  }
  static const std::set<std::string> kSame = {"Identity", "Dropout", "Reshape",
                                              "Flatten",  "Squeeze", "Unsqueeze"};
  if (kSame.count(op) == 0) return std::nullopt;
  if (scales.scale.size() == 1 || from.dims == to.dims) return scales;
  if (scales.axis != 0 || to.dims.empty() || to.dims[0] != from.dims[0])
    throw graph::Unsupported("reshapes a constant that has a scale for each index of a dimension");
  return scales;
}

/// Size, which like Shape needs no element of what it reads.
void count_elements(ImportContext& context, const onnx::NodeProto& node) {
  values::Literal count;
  count.is_float = false;
  count.ints = {
      values::element_count(context.operand(node, 0).dims, "input", values::kMaxBatchElements)};
  context.define(node.output(0),
                 {{}, std::make_shared<values::Literal>(std::move(count)), graph::kNoValue});
}

}  // namespace

bool fold_constant(ImportContext& context, const onnx::NodeProto& node) {
  if (node.op_type() == "Size") {
    count_elements(context, node);
    return true;
  }
  const bool of_dims = node.op_type() == "Shape";
  host::HostInputs inputs;
  values::Literal dims;
  if (of_dims) {
    dims = only_dims(context.operand(node, 0).dims);
    inputs = {&dims};
  } else {
    if (node.op_type() != "Constant" && node.input_size() == 0) return false;
    for (int i = 0; i < node.input_size(); ++i) {
      if (context.is_refused(node.input(i))) return false;  // its translator may have more to say
      const Operand* operand = context.has_operand(node, i) ? &context.operand(node, i) : nullptr;
      if (operand != nullptr && operand->literal == nullptr) return false;
      inputs.push_back(operand == nullptr ? nullptr : operand->literal.get());
    }
    if (!inputs.empty() && inputs[0] == nullptr) return false;
  }
  if (!host::host_computes(node, context.opset()))
    throw graph::Unsupported("of constants alone, which the host does not compute");
  std::vector<values::Literal> results =
      host::compute_on_host(node, inputs, {context.opset(), context.folder()});
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    Operand operand;
    auto& result = results[static_cast<size_t>(i)];
    operand.dims = result.dims;
    if (i == 0 && !inputs.empty()) {
      result.scales = kept_scales(node, *inputs[0], result);
      const bool same = result.floats == inputs[0]->floats;
      result.exact = same ? inputs[0]->exact : std::vector<double>();
    }
    operand.literal = std::make_shared<values::Literal>(std::move(result));
    context.define(node.output(i), std::move(operand));
  }
  return true;
}

}  // namespace systole::importer
