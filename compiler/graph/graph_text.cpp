// SPDX-License-Identifier: Apache-2.0
// Text of the float graph, and names of its operators.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "model/base/overloaded.h"

namespace systole::graph {

namespace {

std::string stride_text(const Window& w) {
  return w.stride_h == w.stride_w ? fmt::format("{}", w.stride_h)
                                  : fmt::format("{}x{}", w.stride_h, w.stride_w);
}

std::string window_text(const Window& w) {
  return fmt::format("{}x{}/{}", w.kh, w.kw, stride_text(w));
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// "conv ", "depthwise conv " or "conv of 4 groups ".
std::string conv_kind(const Conv& conv, const Chw& in, const Chw& out) {
  if (conv.group == 1) return "conv ";
  if (conv.group == in.c && in.c == out.c) return "depthwise conv ";
  return fmt::format("conv of {} groups ", conv.group);
}

std::string pads_text(int64_t top, int64_t left, int64_t bottom, int64_t right) {
  return fmt::format(" pads [{}, {}, {}, {}]", top, left, bottom, right);
}

/// What `describe` leaves out of a node's operator.
std::string details(const Node& node) {
  std::string text;
  if (const Window* w = window_of(node.op); w != nullptr && w->padded())
    text += pads_text(w->pad_top, w->pad_left, w->pad_bottom, w->pad_right);
  if (const auto* pad = node.if_is<Pad>(); pad != nullptr && pad->any())
    text += pads_text(pad->top, pad->left, pad->bottom, pad->right);
  const auto* pool = node.if_is<AveragePool>();
  if (pool != nullptr && pool->window.padded() && !pool->count_include_pad)
    text += " divisor without padding";
  if (pad_value_of(node.op) != 0.0f) text += fmt::format(" of {}", pad_value_of(node.op));
  if (factor_of(node.op) != 1.0f) text += fmt::format(" * {}", factor_of(node.op));
  if (const auto* slice = node.if_is<Slice>())
    text += fmt::format(" from ({}, {}, {})", slice->first.c, slice->first.h, slice->first.w);
  return text;
}

}  // namespace

std::string size_text(const Chw& size) { return fmt::format("{}x{}x{}", size.c, size.h, size.w); }

std::string describe(const Graph& graph, const Node& node) {
  const Chw in = graph.shape(node.inputs[0]), out = graph.shape(node.output);
  return std::visit(
      Overloaded{
          [&](const Conv& conv) -> std::string {
            const Window& w = conv.window;
            if (node.op_type == "ConvTranspose") return "conv transpose part " + window_text(w);
            if (node.op_type == "Gemm" || node.op_type == "MatMul") return "gemm";
            const bool dilated = w.dil_h != 1 || w.dil_w != 1;
            return conv_kind(conv, in, out) + window_text(w) +
                   (dilated ? fmt::format(" dilated {}x{}", w.dil_h, w.dil_w) : "");
          },
          [&](const MaxPool& pool) -> std::string {
            return "max pool " + window_text(pool.window);
          },
          [&](const AveragePool& pool) -> std::string {
            const Window& w = pool.window;
            if (node.op_type == "Pad") return "pad";
            const bool whole =
                w.kh == in.h && w.kw == in.w && out.h == 1 && out.w == 1 && !w.padded();
            return whole ? "global average pool" : "average pool " + window_text(w);
          },
          [&](const Clamp&) -> std::string {
            if (!node.clamped()) return graph.codes(node.output) ? "requantise" : "copy";
            return node.lo == 0 && node.hi > 1e30f ? "relu" : "clip";
          },
          [&](const Unary&) -> std::string { return lower_case(node.op_type); },
          [&](const Combine& combine) -> std::string { return std::string(name_of(combine.by)); },
          [&](const OneOf<Add, ScaleShift, Pad, Reshape, Concat, Slice, Interleave> auto& op)
              -> std::string { return std::string(op.kName); },
      },
      node.op);
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
    text += details(node);
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
