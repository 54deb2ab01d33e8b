// SPDX-License-Identifier: Apache-2.0
// Elementwise operators on one source, however they branch and join, become one function.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/graph/refusal.h"
#include "compiler/passes/passes.h"
#include "model/base/error.h"

namespace systole::passes {

namespace {

bool uniform(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [&](float v) { return v == values[0]; });
}

/// Whether every element of the result depends on the same element of the inputs alone, by the same
/// function in all channels.
bool is_elementwise(const graph::Node& node) {
  if (const auto* by = node.if_is<graph::ScaleShift>())
    return uniform(by->scale) && uniform(by->shift);
  return node.is<graph::Clamp, graph::Unary, graph::Add, graph::Combine>();
}

/// Appends what `node` does to `f`, on operands `a` and (if it has two) `b`.
graph::Function::Ref append(graph::Function& f, const graph::Node& node, graph::Function::Ref a,
                            graph::Function::Ref b) {
  if (node.is<graph::Unary>()) return f.append(*node.function, a);
  if (const auto* add = node.if_is<graph::Add>()) {
    a = f.apply("add", a, b);
    if (add->factor != 1.0f) a = f.apply("mul", a, f.constant(add->factor));
  } else if (const auto* combine = node.if_is<graph::Combine>()) {
    a = f.apply(name_of(combine->by), a, b);
  } else if (const auto* by = node.if_is<graph::ScaleShift>()) {
    if (by->scale[0] != 1.0f) a = f.apply("mul", a, f.constant(by->scale[0]));
    if (by->shift[0] != 0.0f) a = f.apply("add", a, f.constant(by->shift[0]));
  }
  if (node.lo != -std::numeric_limits<float>::infinity())
    a = f.apply("max", a, f.constant(node.lo));
  if (node.hi != std::numeric_limits<float>::infinity()) a = f.apply("min", a, f.constant(node.hi));
  return a;
}

class Fuser {
 public:
  explicit Fuser(graph::Graph& graph) : graph_(graph), producer_(graph.values.size(), -1) {
    for (size_t i = 0; i < graph.nodes.size(); ++i)
      producer_[static_cast<size_t>(graph.nodes[i].output)] = static_cast<int>(i);
    find_sources();
    find_needed();
  }

  void run() {
    std::vector<graph::Node> made;
    for (graph::ValueId v : needed_) {
      if (source_[static_cast<size_t>(v)] == v) continue;
      // From the nearest values that exist in any case, if that is one; else from the source.
      std::set<int> interior;
      std::set<graph::ValueId> leaves;
      collect(v, true, interior, leaves);
      if (leaves.size() != 1) {
        interior.clear();
        leaves.clear();
        collect(v, false, interior, leaves);
      }
      // Clamps alone are left: they may go into the operator before them.
      const bool clamps = std::all_of(interior.begin(), interior.end(), [&](int i) {
        return graph_.nodes[static_cast<size_t>(i)].is<graph::Clamp>();
      });
      if (clamps) {
        // Of a value that is rounded a clamp of its own, whoever reads the clamps between.
        if (interior.size() > 1 && rounded(*leaves.begin()))
          made.push_back(merged(v, *leaves.begin(), interior));
        continue;
      }
      if (interior.size() == 1 && maker(v).is<graph::Unary>()) continue;
      made.push_back(fused(v, *leaves.begin(), interior));
    }
    for (graph::Node& node : made)
      graph_.nodes[static_cast<size_t>(producer_[static_cast<size_t>(node.output)])] =
          std::move(node);
    remove_dead_nodes(graph_);
  }

 private:
  const graph::Node& maker(graph::ValueId v) const {
    return graph_.nodes[static_cast<size_t>(producer_[static_cast<size_t>(v)])];
  }

  bool rounded(graph::ValueId v) const { return graph_.codes(v).has_value(); }
  /// The value of which an operand is an elementwise function. Functions end where the network
  /// rounds.
  graph::ValueId source(graph::ValueId v) const {
    return rounded(v) ? v : source_[static_cast<size_t>(v)];
  }

  /// The value of which each value is an elementwise function; itself if there is none.
  void find_sources() {
    for (size_t v = 0; v < graph_.values.size(); ++v)
      source_.push_back(static_cast<graph::ValueId>(v));
    for (const graph::Node& node : graph_.nodes) {
      if (!is_elementwise(node)) continue;
      const graph::ValueId first = source(node.inputs[0]);
      const bool same_size = std::all_of(
          node.inputs.begin(), node.inputs.end(),
          [&](graph::ValueId in) { return graph_.shape(in) == graph_.shape(node.output); });
      const bool one =
          same_size && std::all_of(node.inputs.begin(), node.inputs.end(),
                                   [&](graph::ValueId in) { return source(in) == first; });
      if (one) source_[static_cast<size_t>(node.output)] = first;
    }
  }

  /// The values that must exist: outputs, what is rounded, and what other operators read.
  void find_needed() {
    needed_.insert(graph_.outputs.begin(), graph_.outputs.end());
    for (const graph::Node& node : graph_.nodes) {
      if (source_[static_cast<size_t>(node.output)] == node.output)
        needed_.insert(node.inputs.begin(), node.inputs.end());
      if (rounded(node.output)) needed_.insert(node.output);
    }
  }

  /// The nodes between `v` and its leaves; `stop`: at the values that are needed, too.
  void collect(graph::ValueId v, bool stop, std::set<int>& interior,
               std::set<graph::ValueId>& leaves) const {
    std::vector<graph::ValueId> open = {v};
    while (!open.empty()) {
      const graph::ValueId at = open.back();
      open.pop_back();
      const bool leaf = source_[static_cast<size_t>(at)] == at ||
                        (at != v && (rounded(at) || (stop && needed_.count(at) != 0)));
      if (leaf) {
        leaves.insert(at);
      } else if (interior.insert(producer_[static_cast<size_t>(at)]).second) {
        open.insert(open.end(), maker(at).inputs.begin(), maker(at).inputs.end());
      }
    }
  }

  graph::Node merged(graph::ValueId v, graph::ValueId leaf, const std::set<int>& clamps) const {
    graph::Node node = maker(v);
    node.inputs = {leaf};
    node.lo = -std::numeric_limits<float>::infinity();
    node.hi = std::numeric_limits<float>::infinity();
    for (int i : clamps) {  // in topological order
      const graph::Node& clamp = graph_.nodes[static_cast<size_t>(i)];
      node.lo = std::clamp(node.lo, clamp.lo, clamp.hi);
      node.hi = std::clamp(node.hi, clamp.lo, clamp.hi);
    }
    return node;
  }

  graph::Node fused(graph::ValueId v, graph::ValueId leaf, const std::set<int>& interior) const {
    graph::Function f;
    std::map<graph::ValueId, graph::Function::Ref> refs = {{leaf, graph::Function::kVariable}};
    for (int i : interior) {  // in topological order
      const graph::Node& node = graph_.nodes[static_cast<size_t>(i)];
      refs[node.output] =
          append(f, node, refs.at(node.inputs.front()), refs.at(node.inputs.back()));
    }
    // A rounding behind it is none of its steps.
    const graph::Node& end = maker(v);
    const bool rounds =
        end.is<graph::Clamp>() && !end.clamped() && rounded(v) && end.inputs[0] != leaf;
    const graph::Node& last = rounds ? maker(end.inputs[0]) : end;
    graph::Node node = graph::make_node(graph::Unary{}, {leaf});
    node.name = last.name;
    node.op_type = interior.size() == (rounds ? 2 : 1) ? last.op_type : "Elementwise";
    node.output = v;
    node.function = std::move(f);
    return node;
  }

  graph::Graph& graph_;
  std::vector<int> producer_;  ///< index of the node that makes a value; -1 for inputs
  std::vector<graph::ValueId> source_;
  std::set<graph::ValueId> needed_;
};

}  // namespace

void fuse_functions(graph::Graph& graph) {
  Fuser(graph).run();
  std::vector<graph::Refusal> left;
  for (const graph::Node& node : graph.nodes) {
    const auto* combine = node.if_is<graph::Combine>();
    if (combine == nullptr || combine->by == graph::Combination::kMul) continue;
    left.push_back({node.origin, fmt::format("node '{}' ({})", node.name, node.op_type),
                    "two different tensors, expected a constant operand or functions of one tensor",
                    !node.origin.empty()});
  }
  if (!left.empty()) throw graph::RefusedNodes(std::move(left));
}

namespace {

/// Whether the operator that makes what the function at `index` reads may take it over. What the
/// network rounds before the function the operator rounds before its table; operators that round
/// single bytes need that table themselves, unless they leave them as they are.
bool may_take(const graph::Graph& graph, size_t index) {
  const graph::Node& node = graph.nodes[index];
  const graph::ValueId in = node.inputs[0];
  const auto& codes = graph.codes(in);
  if (!graph.only_reader(in, index)) return false;
  if (!codes) return true;
  const graph::Node& before = graph.nodes[static_cast<size_t>(graph.producer(in))];
  const auto* conv = before.if_is<graph::Conv>();
  const bool selects = conv != nullptr && conv->keeps_scale && before.inputs.size() == 1;
  const bool single = before.is<graph::Clamp, graph::MaxPool>() || selects;
  const bool as_it_is =
      (before.is<graph::MaxPool>() || selects) && graph.codes(before.inputs[0]) == codes;
  return !codes->bipolar && !node.sign_only && (!single || as_it_is);
}

}  // namespace

void attach_functions(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size();) {
    const graph::Node& node = graph.nodes[i];
    const graph::ValueId in = node.inputs[0];
    const int at = node.is<graph::Unary>() ? graph.producer(in) : -1;
    if (at < 0 || !may_take(graph, i)) {
      ++i;
      continue;
    }
    graph::Node& before = graph.nodes[static_cast<size_t>(at)];
    const bool computes = before.is<graph::Conv, graph::MaxPool, graph::AveragePool, graph::Add,
                                    graph::ScaleShift, graph::Clamp, graph::Combine>();
    if (!computes || before.function) {
      ++i;
      continue;
    }
    before.function = node.function;
    before.sign_only = node.sign_only;
    before.before = before.output;
    before.output = node.output;
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace systole::passes
