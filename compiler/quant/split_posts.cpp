// SPDX-License-Identifier: Apache-2.0
// One pass over the operators, in their order.
#include "compiler/quant/split_posts.h"

#include <utility>

namespace systole::quant {
namespace {

/// Where `op` says what it gives, and what the vector unit does for that.
std::pair<graph::TensorId&, graph::QPost&> ends_of(graph::QOp& op) {
  switch (op.type) {
    case graph::QOp::Type::kConv:
      return {op.conv.out, op.conv.post};
    case graph::QOp::Type::kPool:
      return {op.pool.out, op.pool.post};
    default:
      return {op.eltwise.out, op.eltwise.post};
  }
}

/// Whether nothing but its last step is left of `op`.
bool only_looks_up(const graph::QOp& op) {
  return op.type == graph::QOp::Type::kEltwise && !op.eltwise.post.residual;
}

/// What `op` rounds to, and the operator that makes its result of that.
graph::QOp split(graph::QOp& op, graph::QGraph& graph) {
  auto [out, post] = ends_of(op);
  graph::QTensor rounded = graph.tensors[static_cast<size_t>(out)];
  rounded.name += "/rounded";
  rounded.bits = 8;
  rounded.onnx_shape.clear();
  rounded.integer_zero.reset();
  rounded.place.reset();
  rounded.order.clear();
  const auto middle = static_cast<graph::TensorId>(graph.tensors.size());
  graph::QOp last;
  last.type = graph::QOp::Type::kEltwise;
  last.kind = post.table ? "function" : "clamp";
  last.name = op.name + "/" + last.kind;
  last.eltwise.in = middle;
  last.eltwise.out = std::exchange(out, middle);
  last.eltwise.post.bias.assign(post.bias.size(), 0);
  last.eltwise.post.scale.assign(post.scale.size(), 1.0f);
  last.eltwise.post.clamp_lo = std::exchange(post.clamp_lo, -128);
  last.eltwise.post.clamp_hi = std::exchange(post.clamp_hi, 127);
  last.eltwise.post.table = std::exchange(post.table, std::nullopt);
  graph.tensors.push_back(std::move(rounded));
  return last;
}

}  // namespace

void split_posts(const std::set<std::string>& clamped, graph::QGraph& graph) {
  std::vector<graph::QOp> ops;
  for (graph::QOp& op : graph.ops) {
    const auto& [out, post] = ends_of(op);
    const bool sums = graph.tensors[static_cast<size_t>(out)].sums;
    const bool splits = !sums && !only_looks_up(op) && (post.table || clamped.contains(op.name));
    ops.push_back(std::move(op));
    if (!splits) continue;
    graph::QOp last = split(ops.back(), graph);
    ops.push_back(std::move(last));
  }
  graph.ops = std::move(ops);
}

}  // namespace systole::quant
