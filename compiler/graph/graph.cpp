// SPDX-License-Identifier: Apache-2.0
// Queries, edits, verifier and text of the float graph.
#include "compiler/graph/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/arch/error.h"

namespace systole {

namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(message, ExitCode::kCannotCompile);
}

std::string size_text(const Chw& s) { return fmt::format("{}x{}x{}", s.c, s.h, s.w); }

std::string stride_text(const Window& w) {
  return w.stride_h == w.stride_w ? fmt::format("{}", w.stride_h)
                                  : fmt::format("{}x{}", w.stride_h, w.stride_w);
}

/// "conv ", "depthwise conv " or "conv of 4 groups ".
std::string conv_kind(const Node& node, const Chw& in, const Chw& out) {
  if (node.group == 1) return "conv ";
  if (node.group == in.c && in.c == out.c) return "depthwise conv ";
  return fmt::format("conv of {} groups ", node.group);
}

size_t inputs_of(Op op, size_t given) {
  if (op == Op::kAdd) return 2;
  if (op == Op::kConv) return given == 2 ? 2 : 1;
  return 1;
}

}  // namespace

int Graph::producer(ValueId v) const {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].output == v) return static_cast<int>(i);
  }
  return -1;
}

std::vector<size_t> Graph::consumers(ValueId v) const {
  std::vector<size_t> found;
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (ValueId in : nodes[i].inputs) {
      if (in == v) found.push_back(i);
    }
  }
  return found;
}

bool Graph::is_output(ValueId v) const {
  return std::find(outputs.begin(), outputs.end(), v) != outputs.end();
}

bool Graph::only_reader(ValueId v, size_t index) const {
  const std::vector<size_t> readers = consumers(v);
  return !is_output(v) && readers.size() == 1 && readers[0] == index;
}

void Graph::bypass(size_t index, ValueId replacement) {
  const ValueId old = nodes[index].output;
  nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(index));
  for (Node& node : nodes) std::replace(node.inputs.begin(), node.inputs.end(), old, replacement);
  if (!is_output(old)) return;
  // The replacement takes over the name and shape by which the network knows its output.
  values[static_cast<size_t>(replacement)].name = values[static_cast<size_t>(old)].name;
  values[static_cast<size_t>(replacement)].onnx_shape = values[static_cast<size_t>(old)].onnx_shape;
  std::replace(outputs.begin(), outputs.end(), old, replacement);
}

Chw infer_shape(const Graph& graph, const Node& node) {
  const Chw in = graph.shape(node.inputs.at(0));
  const Window& w = node.window;
  switch (node.op) {
    case Op::kConv:
      return {static_cast<int64_t>(node.bias.size()), w.out_height(in.h), w.out_width(in.w)};
    case Op::kMaxPool:
    case Op::kAveragePool:
      return {in.c, w.out_height(in.h), w.out_width(in.w)};
    case Op::kPad:
      return {in.c, in.h + w.pad_top + w.pad_bottom, in.w + w.pad_left + w.pad_right};
    case Op::kReshape:
      return graph.shape(node.output);  // any shape of as many elements; verify() compares those
    case Op::kAdd:
    case Op::kScaleShift:
    case Op::kClamp:
      break;
  }
  return in;
}

void verify(const Graph& graph, const std::string& pass) {
  const auto values = static_cast<ValueId>(graph.values.size());
  std::vector<bool> made(graph.values.size(), false);
  if (graph.input < 0 || graph.input >= values) fail(fmt::format("after {}: no input", pass));
  made[static_cast<size_t>(graph.input)] = true;
  for (const Node& node : graph.nodes) {
    const auto broken = [&](const std::string& what) {
      fail(fmt::format("after {}: node '{}' ({}): {}", pass, node.name, node.op_type, what));
    };
    if (node.inputs.size() != inputs_of(node.op, node.inputs.size())) broken("number of inputs");
    for (ValueId in : node.inputs) {
      if (in < 0 || in >= values || !made[static_cast<size_t>(in)])
        broken("reads a value before it is made");
    }
    if (node.output < 0 || node.output >= values || made[static_cast<size_t>(node.output)]) {
      broken("makes a value twice");
    }
    made[static_cast<size_t>(node.output)] = true;
    const Chw in = graph.shape(node.inputs[0]), out = graph.shape(node.output);
    if (!(infer_shape(graph, node) == out)) {
      broken(fmt::format("result is {}, expected {}", size_text(out),
                         size_text(infer_shape(graph, node))));
    }
    if (out.c < 1 || out.h < 1 || out.w < 1) broken("empty result " + size_text(out));
    if (node.op == Op::kReshape && in.elements() != out.elements()) {
      broken(fmt::format("{} cannot become {}", size_text(in), size_text(out)));
    }
    if (node.inputs.size() == 2) {
      const Chw other = graph.shape(node.inputs[1]);
      if (!(other == out)) broken(fmt::format("adds {} to {}", size_text(other), size_text(out)));
    }
    if (node.op == Op::kConv) {
      if (node.group < 1 || in.c % node.group != 0 || out.c % node.group != 0)
        broken(fmt::format("{} groups of {} and {} channels", node.group, in.c, out.c));
      const int64_t taps = in.c / node.group * node.window.kh * node.window.kw;
      if (node.weights.size() != node.bias.size() * static_cast<size_t>(taps))
        broken("number of weights");
    }
    const auto channels = static_cast<size_t>(in.c);
    if (node.op == Op::kScaleShift &&
        (node.scale.size() != channels || node.shift.size() != channels)) {
      broken("number of scales");
    }
    if (!(node.lo <= node.hi)) broken(fmt::format("clamps to [{}, {}]", node.lo, node.hi));
  }
  if (graph.outputs.empty()) fail(fmt::format("after {}: no output", pass));
  for (ValueId out : graph.outputs) {
    if (out < 0 || out >= values || !made[static_cast<size_t>(out)])
      fail(fmt::format("after {}: no output", pass));
  }
}

std::string describe(const Graph& graph, const Node& node) {
  const Window& w = node.window;
  const Chw in = graph.shape(node.inputs[0]), out = graph.shape(node.output);
  const bool whole = w.kh == in.h && w.kw == in.w && out.h == 1 && out.w == 1 && !w.padded();
  const std::string window = fmt::format("{}x{}/{}", w.kh, w.kw, stride_text(w));
  switch (node.op) {
    case Op::kConv:
      if (node.op_type == "Gemm" || node.op_type == "MatMul") return "gemm";
      return conv_kind(node, in, out) + window +
             (w.dil_h == 1 && w.dil_w == 1 ? "" : fmt::format(" dilated {}x{}", w.dil_h, w.dil_w));
    case Op::kMaxPool:
      return "max pool " + window;
    case Op::kAveragePool:
      if (node.op_type == "Pad") return "pad";
      return whole ? "global average pool" : "average pool " + window;
    case Op::kAdd:
      return "add";
    case Op::kScaleShift:
      return "scale-shift";
    case Op::kClamp:
      return node.lo == 0 && node.hi > 1e30f ? "relu" : "clip";
    case Op::kPad:
      return "pad";
    case Op::kReshape:
      return "reshape";
  }
  return {};
}

std::string to_text(const Graph& graph) {
  const auto value = [&](ValueId v) {
    return fmt::format("%{} '{}' {}", v, graph.values[static_cast<size_t>(v)].name,
                       size_text(graph.shape(v)));
  };
  std::string text = fmt::format("graph '{}'\n  input {}\n", graph.name, value(graph.input));
  for (const Node& node : graph.nodes) {
    std::vector<std::string> inputs;
    for (ValueId in : node.inputs) inputs.push_back(fmt::format("%{}", in));
    text += fmt::format("  {} = {} ({})", value(node.output), describe(graph, node),
                        fmt::join(inputs, ", "));
    const Window& w = node.window;
    if (w.padded())
      text +=
          fmt::format(" pads [{}, {}, {}, {}]", w.pad_top, w.pad_left, w.pad_bottom, w.pad_right);
    if (node.op == Op::kAveragePool && w.padded() && !node.count_include_pad)
      text += " divisor without padding";
    if (node.clamped()) text += fmt::format(" clamp [{}, {}]", node.lo, node.hi);
    text += fmt::format("  # {} '{}'\n", node.op_type, node.name);
  }
  for (ValueId out : graph.outputs) text += fmt::format("  output {}\n", value(out));
  for (const HostStep& step : graph.host_steps) {
    text += fmt::format("  host {} '{}' axis {}\n", step.op, step.tensor, step.axis);
  }
  return text;
}

}  // namespace systole
