// SPDX-License-Identifier: Apache-2.0
// One pass over the operators, in their order.
#include "compiler/quant/split_posts.h"

#include <utility>

namespace systole::quant {
namespace {

/// Whether nothing but its last step is left of `op`.
bool only_looks_up(const graph::QOp& op) { return op.is<graph::QEltwise>() && !op.post().residual; }

/// What `op` rounds to, and the operator that makes its result of that.
graph::QOp split(graph::QOp& op, graph::QGraph& graph) {
  graph::QPost& post = op.post();
  graph::QTensor rounded = graph.tensors[static_cast<size_t>(op.out())];
  rounded.name += "/rounded";
  rounded.type = isa::ElementType::kInt8;
  rounded.onnx_shape.clear();
  rounded.integer_zero.reset();
  rounded.place.reset();
  rounded.order.clear();
  const auto middle = static_cast<graph::TensorId>(graph.tensors.size());
  graph::QOp last;
  last.kind = post.table ? "function" : "clamp";
  last.name = op.name + "/" + last.kind;
  graph::QEltwise eltwise;
  eltwise.in = middle;
  eltwise.out = op.out();
  eltwise.post.bias.assign(post.bias.size(), 0);
  eltwise.post.scale.assign(post.scale.size(), 1.0f);
  eltwise.post.clamp_lo = std::exchange(post.clamp_lo, -128);
  eltwise.post.clamp_hi = std::exchange(post.clamp_hi, 127);
  eltwise.post.table = std::exchange(post.table, std::nullopt);
  last.body = std::move(eltwise);
  op.set_out(middle);
  graph.tensors.push_back(std::move(rounded));
  return last;
}

}  // namespace

void split_posts(const std::set<std::string>& clamped, graph::QGraph& graph) {
  std::vector<graph::QOp> ops;
  for (graph::QOp& op : graph.ops) {
    const bool sums = graph.tensors[static_cast<size_t>(op.out())].sums();
    const bool splits =
        !sums && !only_looks_up(op) && (op.post().table || clamped.contains(op.name));
    ops.push_back(std::move(op));
    if (!splits) continue;
    graph::QOp last = split(ops.back(), graph);
    ops.push_back(std::move(last));
  }
  graph.ops = std::move(ops);
}

}  // namespace systole::quant
