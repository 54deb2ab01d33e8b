// SPDX-License-Identifier: Apache-2.0
// Explicit zero padding becomes padding of the operators that read it.
#include <algorithm>
#include <cmath>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

constexpr int64_t kMaxPad = 32767;  // h0 and w0 of the instructions are 16-bit two's complement

graph::Window padded(graph::Window w, const graph::Pad& more) {
  w.pad_top += more.top;
  w.pad_left += more.left;
  w.pad_bottom += more.bottom;
  w.pad_right += more.right;
  return w;
}

/// Whether zeros around the input of `reader`, the result of `pad`, may be counted as its own
/// padding.
bool can_absorb(const graph::Graph& graph, const graph::Node& pad, const graph::Node& reader) {
  const graph::Window* own = window_of(reader.op);
  if (own == nullptr || pad.as<graph::Pad>().value != 0.0f) return false;
  const graph::Window w = padded(*own, pad.as<graph::Pad>());
  if (std::max({w.pad_top, w.pad_left, w.pad_bottom, w.pad_right}) > kMaxPad) return false;
  if (reader.is<graph::Conv>()) return reader.inputs.size() == 1;
  // The zeros count in the divisor; padding of its own then has to count too.
  if (const auto* pool = reader.if_is<graph::AveragePool>())
    return pool->count_include_pad || !own->padded();
  // Padding never wins a maximum, a zero does: they are the same over values that are never
  // negative, as long as every window holds one of them.
  const int source = graph.producer(pad.inputs[0]);
  const graph::Chw in = graph.shape(pad.inputs[0]);
  const bool positive = source >= 0 && graph.nodes[static_cast<size_t>(source)].lo >= 0;
  return positive && w.pad_top < w.kh && w.pad_left < w.kw &&
         (w.out_height(in.h) - 1) * w.stride_h - w.pad_top < in.h &&
         (w.out_width(in.w) - 1) * w.stride_w - w.pad_left < in.w;
}

/// What elementwise `node` makes of `value`.
float image(const graph::Graph& graph, const graph::Node& node, float value) {
  if (const auto* by = node.if_is<graph::ScaleShift>()) value = value * by->scale[0] + by->shift[0];
  value = std::clamp(value, node.lo, node.hi);
  if (node.function) value = static_cast<float>((*node.function)(value));
  if (const auto& codes = graph.codes(node.output)) value = as_code(value, *codes);
  return value;
}

bool is_uniform_map(const graph::Node& node) {
  const auto uniform = [](const std::vector<float>& v) {
    return std::equal(v.begin() + 1, v.end(), v.begin());
  };
  const auto* by = node.if_is<graph::ScaleShift>();
  return node.is<graph::Clamp, graph::Unary>() ||
         (by != nullptr && node.inputs.size() == 1 && uniform(by->scale) && uniform(by->shift));
}

/// The elementwise readers of the padding at `index` go before it, each with one of its own, so
/// that the value, rounded as the map is, is a code of the map.
void move_readers(graph::Graph& graph, size_t index) {
  const std::vector<size_t> readers = graph.consumers(graph.nodes[index].output);
  size_t moved = 0;  // every reader that moves leaves two nodes
  for (const size_t at : readers) {
    const size_t reader = at + moved;
    if (!is_uniform_map(graph.nodes[reader])) continue;  // stays, and reads the result
    graph::Node before = graph.nodes[reader], pad = graph.nodes[index];
    auto& value = pad.as<graph::Pad>().value;
    value = image(graph, before, value);
    pad.output = before.output;
    const auto codes = graph.codes(before.output);
    before.inputs = pad.inputs;
    before.output = graph.add_like(pad.inputs[0], "/" + before.op_type);
    graph.values[static_cast<size_t>(before.output)].codes = codes;
    pad.inputs = {before.output};
    graph.nodes[reader] = std::move(before);
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(reader) + 1,
                       std::move(pad));
    ++moved;
  }
}

/// Gives the result of the padding at `index` the codes of its input, if the value is one of them.
bool takes_codes(graph::Graph& graph, size_t index) {
  const graph::Node pad = graph.nodes[index];
  const float value = pad.as<graph::Pad>().value;
  const auto codes = stated_codes(graph, pad.inputs[0]);
  auto& own = graph.values[static_cast<size_t>(pad.output)].codes;
  if (!codes || codes->bipolar || (own && own != codes)) return false;
  const float off = as_code(value, *codes) - value;
  if (std::fabs(off) > 0x1p-12f * codes->scale) return false;
  own = codes;
  for (size_t i = index + 1; i < graph.nodes.size();) {  // roundings that change nothing
    const graph::Node& node = graph.nodes[i];
    const bool nothing = node.is<graph::Clamp>() && !node.clamped() &&
                         node.inputs[0] == pad.output && graph.codes(node.output) == codes &&
                         !graph.is_output(node.output);
    if (nothing)
      graph.bypass(i, pad.output);
    else
      ++i;
  }
  return true;
}

/// input + by, in every element.
graph::Node shifted(const graph::Node& pad, graph::ValueId in, graph::ValueId out, float by,
                    size_t channels) {
  graph::Node node = graph::make_node(
      graph::ScaleShift{std::vector<float>(channels, 1.0f), std::vector<float>(channels, by), {}},
      {in});
  node.name = pad.name;
  node.op_type = pad.op_type;
  node.origin = pad.origin;
  node.output = out;
  return node;
}

/// Makes the padding at `index`, of a value that is not 0, one of codes: elementwise readers go
/// before it; for others the result has the codes of the input, if the value is one of them; or
/// else they read zeros around what lies lower by the value, lifted again.
void settle_value(graph::Graph& graph, size_t index) {
  if (takes_codes(graph, index)) return;
  if (!graph.is_output(graph.nodes[index].output)) move_readers(graph, index);
  const graph::Node pad = graph.nodes[index];
  if (!graph.is_output(pad.output) && graph.consumers(pad.output).empty()) return;
  const auto channels = static_cast<size_t>(graph.shape(pad.output).c);
  const graph::ValueId lower = graph.add_like(pad.inputs[0], "/lower");
  const graph::ValueId zeros = graph.add_like(pad.output, "/zeros");
  graph.values[static_cast<size_t>(lower)].codes.reset();
  graph.values[static_cast<size_t>(zeros)].codes.reset();
  const float value = pad.as<graph::Pad>().value;
  graph::Node& between = graph.nodes[index];
  between.as<graph::Pad>().value = 0.0f;
  between.inputs = {lower};
  between.output = zeros;
  const auto at = graph.nodes.begin() + static_cast<std::ptrdiff_t>(index);
  graph.nodes.insert(at + 1, shifted(pad, zeros, pad.output, value, channels));
  graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index),
                     shifted(pad, pad.inputs[0], lower, -value, channels));
}

}  // namespace

void absorb_pads(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto* pad = graph.nodes[i].if_is<graph::Pad>();
    if (pad != nullptr && pad->value != 0.0f) settle_value(graph, i);
  }
  remove_dead_nodes(graph);
  for (graph::Node& reader : graph.nodes) {
    for (int at = graph.producer(reader.inputs[0]); at >= 0;
         at = graph.producer(reader.inputs[0])) {
      const graph::Node& pad = graph.nodes[static_cast<size_t>(at)];
      if (!pad.is<graph::Pad>() || !can_absorb(graph, pad, reader)) break;
      graph::Window& window = *window_of(reader.op);
      window = padded(window, pad.as<graph::Pad>());
      if (auto* pool = reader.if_is<graph::AveragePool>()) pool->count_include_pad = true;
      reader.inputs[0] = pad.inputs[0];
    }
  }
  for (graph::Node& node : graph.nodes) {
    const auto* pad = node.if_is<graph::Pad>();
    if (pad == nullptr) continue;
    graph::AveragePool copy;  // of one tap, between what pads hold
    copy.window = padded({}, *pad);
    copy.pad_value = pad->value;
    node.op = copy;
  }
  remove_dead_nodes(graph);
}

}  // namespace systole::passes
