// SPDX-License-Identifier: Apache-2.0
// Queries, edits, verifier and text of the float graph.
#include "compiler/graph/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/base/error.h"

namespace systole::graph {

namespace {

std::string size_text(const Chw& s) { return fmt::format("{}x{}x{}", s.c, s.h, s.w); }

std::string stride_text(const Window& w) {
  return w.stride_h == w.stride_w ? fmt::format("{}", w.stride_h)
                                  : fmt::format("{}x{}", w.stride_h, w.stride_w);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// "conv ", "depthwise conv " or "conv of 4 groups ".
std::string conv_kind(const Node& node, const Chw& in, const Chw& out) {
  if (node.group == 1) return "conv ";
  if (node.group == in.c && in.c == out.c) return "depthwise conv ";
  return fmt::format("conv of {} groups ", node.group);
}

size_t inputs_of(Op op, size_t given) {
  if (op == Op::kAdd || op == Op::kCombine) return 2;
  if (op == Op::kConv || op == Op::kScaleShift) return given == 2 ? 2 : 1;
  if (op == Op::kConcat || op == Op::kInterleave) return std::max<size_t>(1, given);
  return 1;
}

int64_t& along(Chw& shape, Axis axis) {
  return axis == Axis::kChannel ? shape.c : axis == Axis::kRow ? shape.h : shape.w;
}

}  // namespace

ValueId Graph::add_like(ValueId v, const std::string& suffix) {
  Value value = values[static_cast<size_t>(v)];
  value.name += suffix;
  value.integer_zero.reset();  // of the network's own inputs and outputs
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

bool Graph::is_input(ValueId v) const {
  return std::find(inputs.begin(), inputs.end(), v) != inputs.end();
}

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
  if (const auto& codes = values[static_cast<size_t>(old)].codes)
    values[static_cast<size_t>(replacement)].codes = codes;
  if (!is_output(old)) return;
  // The replacement takes over the name and shape by which the network knows its output.
  values[static_cast<size_t>(replacement)].name = values[static_cast<size_t>(old)].name;
  values[static_cast<size_t>(replacement)].onnx_shape = values[static_cast<size_t>(old)].onnx_shape;
  values[static_cast<size_t>(replacement)].channels_last =
      values[static_cast<size_t>(old)].channels_last;
  values[static_cast<size_t>(replacement)].order = values[static_cast<size_t>(old)].order;
  values[static_cast<size_t>(replacement)].integer_zero =
      values[static_cast<size_t>(old)].integer_zero;
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
    case Op::kSlice:
    case Op::kInterleave:
      return graph.shape(node.output);  // any shape; verify() checks that it is there
    case Op::kConcat: {
      Chw out = in;
      for (size_t i = 1; i < node.inputs.size(); ++i) {
        Chw part = graph.shape(node.inputs[i]);
        along(out, node.axis) += along(part, node.axis);
      }
      return out;
    }
    case Op::kAdd:
    case Op::kCombine:
    case Op::kScaleShift:
    case Op::kClamp:
    case Op::kFunction:
      break;
  }
  return in;
}

void verify(const Graph& graph, const std::string& pass) {
  const auto values = static_cast<ValueId>(graph.values.size());
  std::vector<bool> made(graph.values.size(), false);
  if (graph.inputs.empty()) throw internal_error(fmt::format("after {}: no input", pass));
  for (ValueId in : graph.inputs) made.at(static_cast<size_t>(in)) = true;
  for (const Node& node : graph.nodes) {
    const auto broken = [&](const std::string& what) {
      throw internal_error(
          fmt::format("after {}: node '{}' ({}): {}", pass, node.name, node.op_type, what));
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
    if (node.op == Op::kReshape && !node.from.empty() &&
        static_cast<int64_t>(node.from.size()) != out.elements())
      broken("does not say where each element comes from");
    if (node.op == Op::kInterleave) {
      if (node.parts.size() != node.inputs.size()) broken("number of parts");
      int64_t elements = 0;
      for (size_t i = 0; i < node.parts.size(); ++i) {
        const Chw size = graph.shape(node.inputs[i]);
        const Part& p = node.parts[i];
        elements += size.elements();
        if (size.c != out.c || p.h + (size.h - 1) * p.step_h >= out.h ||
            p.w + (size.w - 1) * p.step_w >= out.w) {
          broken(fmt::format("part {} of {} lies outside {}", i, size_text(size), size_text(out)));
        }
      }
      if (elements != out.elements()) broken("parts that do not fill the result");
    } else if (node.op == Op::kConcat) {
      for (ValueId id : node.inputs) {
        Chw part = graph.shape(id);
        Chw whole = out;
        along(part, node.axis) = along(whole, node.axis);
        if (!(part == out)) broken(fmt::format("joins {}", size_text(graph.shape(id))));
      }
    } else if (node.inputs.size() == 2) {
      const Chw other = graph.shape(node.inputs[1]);
      // One pixel is combined with all of them.
      if (!(other == out) && !(other == Chw{out.c, 1, 1}))
        broken(fmt::format("adds {} to {}", size_text(other), size_text(out)));
    }
    const Chw& f = node.first;
    if (node.op == Op::kSlice && (f.c < 0 || f.h < 0 || f.w < 0 || f.c + out.c > in.c ||
                                  f.h + out.h > in.h || f.w + out.w > in.w)) {
      broken(fmt::format("takes {} from ({}, {}, {}) of {}", size_text(out), f.c, f.h, f.w,
                         size_text(in)));
    }
    if (node.op == Op::kFunction && !node.function) broken("no function");
    if (node.op != Op::kFunction && node.function.has_value() != (node.before != kNoValue))
      broken("a function without the value before it");
    if (node.op == Op::kConv) {
      if (node.group < 1 || in.c % node.group != 0 || out.c % node.group != 0)
        broken(fmt::format("{} groups of {} and {} channels", node.group, in.c, out.c));
      const int64_t taps = in.c / node.group * node.window.kh * node.window.kw;
      if (node.weights.size() != node.bias.size() * static_cast<size_t>(taps))
        broken("number of weights");
      if (!node.weight_scale.empty() && (node.weight_scale.size() != node.bias.size() ||
                                         node.exact_bias.size() != node.bias.size()))
        broken("number of scales of the weights");
    }
    const auto channels = static_cast<size_t>(in.c);
    if (node.op == Op::kScaleShift &&
        (node.scale.size() != channels || node.shift.size() != channels)) {
      broken("number of scales");
    }
    if (!(node.lo <= node.hi)) broken(fmt::format("clamps to [{}, {}]", node.lo, node.hi));
  }
  for (const Value& value : graph.values) {
    if (value.integer_zero && !value.codes)
      throw internal_error(
          fmt::format("after {}: '{}' is stated as integers, but has no scale", pass, value.name));
  }
  if (graph.outputs.empty()) throw internal_error(fmt::format("after {}: no output", pass));
  for (ValueId out : graph.outputs) {
    if (out < 0 || out >= values || !made[static_cast<size_t>(out)])
      throw internal_error(fmt::format("after {}: no output", pass));
  }
}

std::string describe(const Graph& graph, const Node& node) {
  const Window& w = node.window;
  const Chw in = graph.shape(node.inputs[0]), out = graph.shape(node.output);
  const bool whole = w.kh == in.h && w.kw == in.w && out.h == 1 && out.w == 1 && !w.padded();
  const std::string window = fmt::format("{}x{}/{}", w.kh, w.kw, stride_text(w));
  switch (node.op) {
    case Op::kConv:
      if (node.op_type == "ConvTranspose") return "conv transpose part " + window;
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
      if (!node.clamped()) return graph.codes(node.output) ? "requantise" : "copy";
      return node.lo == 0 && node.hi > 1e30f ? "relu" : "clip";
    case Op::kPad:
      return "pad";
    case Op::kReshape:
      return "reshape";
    case Op::kFunction:
      return lower_case(node.op_type);
    case Op::kCombine:
      return node.combine;
    case Op::kConcat:
      return "concat";
    case Op::kSlice:
      return "slice";
    case Op::kInterleave:
      return "interleave";
  }
  return {};
}

std::string to_text(const Graph& graph) {
  const auto value = [&](ValueId v) {
    std::string described = fmt::format("%{} '{}' {}", v, graph.values[static_cast<size_t>(v)].name,
                                        size_text(graph.shape(v)));
    if (const auto& codes = graph.codes(v))
      described += fmt::format(" scale {} zero {} codes [{}, {}]", codes->scale, codes->zero,
                               codes->lo, codes->hi);
    return described;
  };
  std::string text = fmt::format("graph '{}'\n", graph.name);
  for (ValueId in : graph.inputs) text += fmt::format("  input {}\n", value(in));
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
    if (node.pad_value != 0.0f) text += fmt::format(" of {}", node.pad_value);
    if (node.factor != 1.0f) text += fmt::format(" * {}", node.factor);
    if (node.op == Op::kSlice)
      text += fmt::format(" from ({}, {}, {})", node.first.c, node.first.h, node.first.w);
    if (node.clamped()) text += fmt::format(" clamp [{}, {}]", node.lo, node.hi);
    if (node.function) text += fmt::format(" then {}", node.function->text());
    text += fmt::format("  # {} '{}'\n", node.op_type, node.name);
  }
  for (ValueId out : graph.outputs) text += fmt::format("  output {}\n", value(out));
  for (const program::HostStep& step : graph.host_steps) {
    text += fmt::format("  host {} '{}' axis {}\n", step.op, step.tensor, step.axis);
  }
  return text;
}

}  // namespace systole::graph
