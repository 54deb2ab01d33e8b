// SPDX-License-Identifier: Apache-2.0
// Shapes and invariants of the float graph.
#include <fmt/format.h>

#include <vector>

#include "compiler/graph/graph.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"

namespace systole::graph {

namespace {

bool takes(const Operator& op, size_t inputs) {
  return std::visit(
      Overloaded{
          [&](const OneOf<Conv, ScaleShift> auto&) { return inputs == 1 || inputs == 2; },
          [&](const OneOf<Add, Combine> auto&) { return inputs == 2; },
          [&](const OneOf<Concat, Interleave> auto&) { return inputs >= 1; },
          [&](const OneOf<Clamp, MaxPool, AveragePool, Pad, Reshape, Unary, Slice> auto&) {
            return inputs == 1;
          },
      },
      op);
}

/// Checks one node after those before it.
class NodeVerifier {
 public:
  NodeVerifier(const Graph& graph, const Node& node, const std::string& pass)
      : graph_(graph), node_(node), pass_(pass) {}

  void verify(std::vector<bool>& made) const {
    if (!takes(node_.op, node_.inputs.size())) broken("number of inputs");
    const auto values = static_cast<ValueId>(graph_.values.size());
    for (ValueId in : node_.inputs) {
      if (in < 0 || in >= values || !made[static_cast<size_t>(in)])
        broken("reads a value before it is made");
    }
    const ValueId result = node_.output;
    if (result < 0 || result >= values || made[static_cast<size_t>(result)])
      broken("makes a value twice");
    made[static_cast<size_t>(result)] = true;
    const Chw expected = infer_shape(graph_, node_);
    if (!(expected == out()))
      broken(fmt::format("result is {}, expected {}", size_text(out()), size_text(expected)));
    if (out().c < 1 || out().h < 1 || out().w < 1) broken("empty result " + size_text(out()));
    std::visit(*this, node_.op);
    if (!node_.is<Unary>() && node_.function.has_value() != (node_.before != kNoValue))
      broken("a function without the value before it");
    if (!(node_.lo <= node_.hi)) broken(fmt::format("clamps to [{}, {}]", node_.lo, node_.hi));
  }

  void operator()(const Conv& conv) const {
    second_operand();
    if (conv.group < 1 || in().c % conv.group != 0 || out().c % conv.group != 0)
      broken(fmt::format("{} groups of {} and {} channels", conv.group, in().c, out().c));
    const int64_t taps = in().c / conv.group * conv.window.area();
    if (conv.weights.size() != conv.channels() * static_cast<size_t>(taps))
      broken("number of weights");
    if (conv.states_integers() &&
        (conv.weight_scale.size() != conv.channels() || conv.exact_bias.size() != conv.channels()))
      broken("number of scales of the weights");
  }
  void operator()(const ScaleShift& by) const {
    second_operand();
    const auto channels = static_cast<size_t>(in().c);
    if (by.scale.size() != channels || by.shift.size() != channels) broken("number of scales");
  }
  void operator()(const OneOf<Add, Combine> auto&) const { second_operand(); }
  void operator()(const OneOf<Clamp, MaxPool, AveragePool, Pad> auto&) const {}
  void operator()(const Unary&) const {
    if (!node_.function) broken("no function");
  }
  void operator()(const Reshape& reshape) const {
    if (in().elements() != out().elements())
      broken(fmt::format("{} cannot become {}", size_text(in()), size_text(out())));
    if (!reshape.from.empty() && static_cast<int64_t>(reshape.from.size()) != out().elements())
      broken("does not say where each element comes from");
  }
  void operator()(const Concat& concat) const {
    for (ValueId id : node_.inputs) {
      Chw part = graph_.shape(id), whole = out();
      along(part, concat.axis) = along(whole, concat.axis);
      if (!(part == out())) broken(fmt::format("joins {}", size_text(graph_.shape(id))));
    }
  }
  void operator()(const Slice& slice) const {
    const Chw &f = slice.first, size = out(), from = in();
    if (f.c < 0 || f.h < 0 || f.w < 0 || f.c + size.c > from.c || f.h + size.h > from.h ||
        f.w + size.w > from.w)
      broken(fmt::format("takes {} from ({}, {}, {}) of {}", size_text(size), f.c, f.h, f.w,
                         size_text(from)));
  }
  void operator()(const Interleave& join) const {
    if (join.parts.size() != node_.inputs.size()) broken("number of parts");
    int64_t elements = 0;
    for (size_t i = 0; i < join.parts.size(); ++i) {
      const Chw size = graph_.shape(node_.inputs[i]);
      const Part& p = join.parts[i];
      elements += size.elements();
      if (size.c != out().c || p.h + (size.h - 1) * p.step_h >= out().h ||
          p.w + (size.w - 1) * p.step_w >= out().w)
        broken(fmt::format("part {} of {} lies outside {}", i, size_text(size), size_text(out())));
    }
    if (elements != out().elements()) broken("parts that do not fill the result");
  }

 private:
  [[noreturn]] void broken(const std::string& what) const {
    throw internal_error(
        fmt::format("after {}: node '{}' ({}): {}", pass_, node_.name, node_.op_type, what));
  }
  const Chw& in() const { return graph_.shape(node_.inputs[0]); }
  const Chw& out() const { return graph_.shape(node_.output); }

  /// One pixel is combined with all of them.
  void second_operand() const {
    if (node_.inputs.size() < 2) return;
    const Chw other = graph_.shape(node_.inputs[1]);
    if (!(other == out()) && !(other == Chw{out().c, 1, 1}))
      broken(fmt::format("adds {} to {}", size_text(other), size_text(out())));
  }

  const Graph& graph_;
  const Node& node_;
  const std::string& pass_;
};

}  // namespace

Chw infer_shape(const Graph& graph, const Node& node) {
  const Chw in = graph.shape(node.inputs.at(0));
  return std::visit(
      Overloaded{
          [&](const Conv& conv) -> Chw {
            const Window& w = conv.window;
            return {static_cast<int64_t>(conv.channels()), w.out_height(in.h), w.out_width(in.w)};
          },
          [&](const OneOf<MaxPool, AveragePool> auto& pool) -> Chw {
            return {in.c, pool.window.out_height(in.h), pool.window.out_width(in.w)};
          },
          [&](const Pad& pad) -> Chw {
            return {in.c, in.h + pad.top + pad.bottom, in.w + pad.left + pad.right};
          },
          [&](const Concat& concat) -> Chw {
            Chw out = in;
            for (size_t i = 1; i < node.inputs.size(); ++i) {
              Chw part = graph.shape(node.inputs[i]);
              along(out, concat.axis) += along(part, concat.axis);
            }
            return out;
          },
          // Any shape; verify() checks that it is there.
          [&](const OneOf<Reshape, Slice, Interleave> auto&) -> Chw {
            return graph.shape(node.output);
          },
          [&](const OneOf<Clamp, Add, ScaleShift, Unary, Combine> auto&) -> Chw { return in; },
      },
      node.op);
}

void verify(const Graph& graph, const std::string& pass) {
  const auto values = static_cast<ValueId>(graph.values.size());
  std::vector<bool> made(graph.values.size(), false);
  if (graph.inputs.empty()) throw internal_error(fmt::format("after {}: no input", pass));
  for (ValueId in : graph.inputs) made.at(static_cast<size_t>(in)) = true;
  for (const Node& node : graph.nodes) NodeVerifier(graph, node, pass).verify(made);
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

}  // namespace systole::graph
