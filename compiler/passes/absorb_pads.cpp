// SPDX-License-Identifier: Apache-2.0
// Explicit zero padding becomes padding of the operators that read it.
#include <algorithm>

#include "compiler/passes/passes.h"

namespace systole {

namespace {

constexpr int64_t kMaxPad = 32767;  // h0 and w0 of the instructions are 16-bit two's complement

Window padded(Window w, const Window& more) {
  w.pad_top += more.pad_top;
  w.pad_left += more.pad_left;
  w.pad_bottom += more.pad_bottom;
  w.pad_right += more.pad_right;
  return w;
}

/// Whether zeros around the input of `reader` may be counted as its own padding.
bool can_absorb(const Graph& graph, const Node& pad, const Node& reader) {
  const Window& p = pad.window;
  const Window w = padded(reader.window, p);
  if (std::max({w.pad_top, w.pad_left, w.pad_bottom, w.pad_right}) > kMaxPad) return false;
  switch (reader.op) {
    case Op::kConv:
      return reader.inputs.size() == 1;
    case Op::kAveragePool:
      // The zeros count in the divisor; padding of its own then has to count too.
      return reader.count_include_pad || !reader.window.padded();
    case Op::kMaxPool: {
      // Padding never wins a maximum, a zero does: they are the same over values that are never
      // negative, as long as every window holds one of them.
      const int source = graph.producer(pad.inputs[0]);
      const Chw in = graph.shape(pad.inputs[0]);
      const bool positive = source >= 0 && graph.nodes[static_cast<size_t>(source)].lo >= 0;
      return positive && w.pad_top < w.kh && w.pad_left < w.kw &&
             (w.out_height(in.h) - 1) * w.stride_h - w.pad_top < in.h &&
             (w.out_width(in.w) - 1) * w.stride_w - w.pad_left < in.w;
    }
    default:
      return false;
  }
}

}  // namespace

void absorb_pads(Graph& graph) {
  for (Node& reader : graph.nodes) {
    for (int at = graph.producer(reader.inputs[0]); at >= 0;
         at = graph.producer(reader.inputs[0])) {
      const Node& pad = graph.nodes[static_cast<size_t>(at)];
      if (pad.op != Op::kPad || !can_absorb(graph, pad, reader)) break;
      reader.window = padded(reader.window, pad.window);
      if (reader.op == Op::kAveragePool) reader.count_include_pad = true;
      reader.inputs[0] = pad.inputs[0];
    }
  }
  for (Node& node : graph.nodes) {
    if (node.op == Op::kPad) node.op = Op::kAveragePool;  // of one tap: a copy between its zeros
  }
  remove_dead_nodes(graph);
}

}  // namespace systole
