// SPDX-License-Identifier: Apache-2.0
// Queries and text of the quantised graph.
#include "compiler/graph/qgraph.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/overloaded.h"

namespace systole::graph {

namespace {

std::string window_text(const auto& op) {
  std::string text = fmt::format(" {}x{}/{}x{}", op.kh, op.kw, op.stride_h, op.stride_w);
  if (op.pad_top != 0 || op.pad_left != 0 || op.pad_bottom != 0 || op.pad_right != 0) {
    text +=
        fmt::format(" pads [{}, {}, {}, {}]", op.pad_top, op.pad_left, op.pad_bottom, op.pad_right);
  }
  return text;
}

std::string post_text(const QPost& post) {
  if (post.scale.empty()) return " no scale";
  const auto [least, greatest] = std::minmax_element(post.scale.begin(), post.scale.end());
  std::string text = fmt::format(" scale [{}, {}] zero {} clamp [{}, {}]", *least, *greatest,
                                 post.out_zero, post.clamp_lo, post.clamp_hi);
  if (post.residual) {
    text += fmt::format(" {} (%{} - {}) * {}{}", post.residual->multiply ? '*' : '+',
                        post.residual->tensor, post.residual->zero, post.residual->scale,
                        post.residual->two_roundings ? " after rounding" : "");
  }
  if (post.table) text += " table";
  return text;
}

/// The operator without its result and what the vector unit does.
std::string body_text(const QOp& op) {
  return std::visit(
      Overloaded{
          [](const QConv& conv) {
            const bool dilated = conv.dil_h != 1 || conv.dil_w != 1;
            return fmt::format(
                "conv(%{}){}{}", conv.in, window_text(conv),
                dilated ? fmt::format(" dilated {}x{}", conv.dil_h, conv.dil_w) : "");
          },
          [](const QPool& pool) {
            return fmt::format("{}(%{}){}{}", pool.sum ? "sum pool" : "max pool", pool.in,
                               window_text(pool),
                               pool.exclude_pad ? " divisor without padding" : "");
          },
          [](const QEltwise& eltwise) { return fmt::format("eltwise(%{})", eltwise.in); },
      },
      op.body);
}

}  // namespace

std::string size_text(const QTensor& t) { return fmt::format("{}x{}x{}x{}", t.n, t.h, t.w, t.c); }

program::TensorInfo tensor_info(const QTensor& tensor, uint32_t addr) {
  const bool integers = tensor.integer_zero.has_value();
  return {tensor.name,
          addr,
          {tensor.n, tensor.h, tensor.w, tensor.sums() ? tensor.c : tensor.pixel_bytes()},
          tensor.onnx_shape,
          integers ? 1.0f : tensor.scale,
          integers ? *tensor.integer_zero : tensor.zero_point,
          tensor.channels_last,
          tensor.channel_scale,
          tensor.order};
}

TensorId QOp::in() const {
  return std::visit([](const auto& of) { return of.in; }, body);
}

TensorId QOp::out() const {
  return std::visit([](const auto& of) { return of.out; }, body);
}

void QOp::set_out(TensorId out) {
  std::visit([out](auto& of) { of.out = out; }, body);
}

const QPost& QOp::post() const {
  return std::visit([](const auto& of) -> const QPost& { return of.post; }, body);
}

QPost& QOp::post() {
  return std::visit([](auto& of) -> QPost& { return of.post; }, body);
}

std::vector<TensorId> QOp::operands() const {
  std::vector<TensorId> found = {in()};
  if (post().residual) found.push_back(post().residual->tensor);
  return found;
}

std::string to_text(const QGraph& graph) {
  const auto tensor = [&](TensorId id) {
    const QTensor& t = graph.tensors.at(static_cast<size_t>(id));
    std::string text = fmt::format("%{} '{}' {} scale {} zero {}", id, t.name, size_text(t),
                                   t.scale, t.zero_point);
    if (t.type.bits() < 8) text += fmt::format(" {} bits", t.type.bits());
    if (!t.place) return text;
    const QPlace& p = *t.place;
    if (p.reshaped) return text + fmt::format(" in %{}", p.base);
    text += fmt::format(" in %{} at ({}, {}, {})", p.base, p.h, p.w, p.c);
    if (p.step_h != 1 || p.step_w != 1) text += fmt::format(" every {}x{}", p.step_h, p.step_w);
    return text;
  };
  std::string text = fmt::format("qgraph '{}' batch {}\n", graph.name, graph.batch);
  for (TensorId id : graph.inputs) text += fmt::format("  input {}\n", tensor(id));
  std::vector<bool> is_result(graph.tensors.size(), false);
  for (const QOp& op : graph.ops) is_result.at(static_cast<size_t>(op.out())) = true;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    const bool input =
        std::find(graph.inputs.begin(), graph.inputs.end(), id) != graph.inputs.end();
    if (!input && !is_result[t]) text += fmt::format("  tensor {}\n", tensor(id));
  }
  for (const QOp& op : graph.ops)
    text += fmt::format("  {} = {}{}  # {} '{}'\n", tensor(op.out()), body_text(op),
                        post_text(op.post()), op.kind, op.name);
  for (TensorId id : graph.outputs) text += fmt::format("  output {}\n", tensor(id));
  for (const program::HostStep& step : graph.host_steps) {
    text += fmt::format("  host {} '{}' axis {}\n", step.op, step.tensor, step.axis);
  }
  return text;
}

}  // namespace systole::graph
