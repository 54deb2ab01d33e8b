// SPDX-License-Identifier: Apache-2.0
// Finds softmaxes before a rounding at the network's end, and makes host steps of them.
#include "compiler/onnx/host_tail.h"

#include <fmt/format.h>

#include <vector>

#include "compiler/onnx/quantised.h"
#include "compiler/values/node_names.h"

namespace systole::importer {

namespace {

bool is_softmax(const onnx::NodeProto& node) {
  return values::is_standard(node) &&
         (node.op_type() == "Softmax" || node.op_type() == "LogSoftmax");
}

/// The codes of a QuantizeLinear or DequantizeLinear, by its operand of the zero point.
graph::Codes codes_of(ImportContext& context, const onnx::NodeProto& node, IntegerType* type) {
  const int data_type = context.has_operand(node, 2) ? context.constant(node, 2, "zero point").type
                                                     : static_cast<int>(onnx::TensorProto::UINT8);
  const auto integers = integer_type(data_type);
  if (!integers) throw graph::Unsupported("rounded to other integers than those of 8 or 4 bits");
  *type = *integers;
  return codes_operand(context, node, 0, *integers);
}

}  // namespace

HostTails::HostTails(const onnx::GraphProto& proto) {
  std::map<std::string, std::vector<const onnx::NodeProto*>> readers;
  std::set<std::string> outputs;
  for (const auto& output : proto.output()) outputs.insert(output.name());
  for (const auto& node : proto.node())
    for (const std::string& in : node.input()) readers[in].push_back(&node);
  const auto followed = [&](const onnx::NodeProto& node, const char* op) {
    const auto& by = readers[node.output(0)];
    const bool alone = by.size() == 1 && outputs.count(node.output(0)) == 0;
    const bool fits = alone && by[0]->op_type() == op && by[0]->output_size() == 1 &&
                      by[0]->input(0) == node.output(0);
    return fits ? by[0] : nullptr;
  };
  const auto is_end = [&](const onnx::NodeProto& node) {
    return outputs.count(node.output(0)) != 0 && readers[node.output(0)].empty();
  };
  for (const auto& node : proto.node()) {
    if (!is_softmax(node) || node.output_size() != 1) continue;
    HostTail tail{&node, followed(node, "QuantizeLinear"), nullptr};
    if (tail.quantize == nullptr) continue;
    tail.dequantize = followed(*tail.quantize, "DequantizeLinear");
    const onnx::NodeProto* end = tail.dequantize != nullptr ? tail.dequantize : tail.quantize;
    if (!is_end(*end)) continue;
    by_end_[end] = tail;
    inner_.insert(&node);
    if (end != tail.quantize) inner_.insert(tail.quantize);
  }
}

const HostTail* HostTails::ending(const onnx::NodeProto& node) const {
  const auto found = by_end_.find(&node);
  return found == by_end_.end() ? nullptr : &found->second;
}

void translate_tail(ImportContext& context, const HostTail& tail) {
  IntegerType type;
  const graph::Codes codes = codes_of(context, *tail.quantize, &type);
  if (tail.dequantize != nullptr && !(codes_of(context, *tail.dequantize, &type) == codes))
    throw graph::Unsupported("rounded to other codes than those that are read");
  onnx::NodeProto softmax = *tail.softmax;
  const onnx::NodeProto& end = tail.dequantize != nullptr ? *tail.dequantize : *tail.quantize;
  softmax.set_output(0, end.output(0));
  translate_node(context, softmax);
  const int offset = type.offset();
  context.graph.host_steps.push_back(
      {fmt::format("round {} {} {} {} {}", codes.scale, codes.zero - offset, codes.lo - offset,
                   codes.hi - offset, tail.dequantize != nullptr ? "reals" : "integers"),
       end.output(0), -1});
}

}  // namespace systole::importer
