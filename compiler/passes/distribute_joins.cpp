// SPDX-License-Identifier: Apache-2.0
// Elementwise operators behind a join go to its parts, where the operators that make them take them
// over. Roundings behind a join of values that the network has rounded to different codes must: the
// join as it is has no codes.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

bool is_unary(const graph::Node& node) {
  return node.is<graph::Clamp, graph::Unary>() ||
         (node.is<graph::ScaleShift>() && node.inputs.size() == 1);
}

bool joins_channels(const graph::Node& join) {
  const auto* concat = join.if_is<graph::Concat>();
  return concat != nullptr && concat->axis == graph::Axis::kChannel;
}

/// Moves elementwise operators one by one.
class Distributor {
 public:
  explicit Distributor(graph::Graph& graph) : graph_(graph) {}

  /// Moves the operator at `index` to the parts of the join before it.
  bool move(size_t index) {
    const graph::ValueId joined = graph_.nodes[index].inputs[0];
    const int at = graph_.producer(joined);
    if (at < 0 || !is_unary(graph_.nodes[index])) return false;
    auto join_at = static_cast<size_t>(at);
    if (!is_join(graph_.nodes[join_at])) return false;
    if (has_no_codes(join_at) && ends_rounded(index)) {
      if (!graph_.only_reader(joined, index)) copy_join(join_at, index);
    } else if (!costs_nothing(join_at, index)) {
      return false;
    }
    const graph::Node moved = graph_.nodes[index];
    const auto codes = graph_.codes(moved.output);
    const auto whole = stated_codes(graph_, moved.output);  // a clamp may leave the join its own
    std::vector<graph::Node> copies;
    int64_t channel = 0;
    for (graph::ValueId& part : graph_.nodes[join_at].inputs) {
      const int64_t channels = graph_.shape(part).c;
      const bool nothing = moved.is<graph::Clamp>() && !moved.clamped() && codes &&
                           stated_codes(graph_, part) == codes;
      if (!nothing) {
        graph::Node copy = of_channels(moved, graph_.nodes[join_at], channel, channels);
        copy.inputs = {part};
        copy.output = graph_.add_like(part, "/" + moved.op_type);
        graph_.values[static_cast<size_t>(copy.output)].codes = codes;
        part = copy.output;
        copies.push_back(std::move(copy));
      }
      channel += channels;
    }
    const graph::ValueId output = graph_.nodes[join_at].output;
    if (graph_.codes(output)) graph_.values[static_cast<size_t>(output)].codes = whole;
    graph_.bypass(index, output);
    graph_.nodes.insert(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(join_at),
                        std::make_move_iterator(copies.begin()),
                        std::make_move_iterator(copies.end()));
    return true;
  }

 private:
  /// Whether parts of the join are functions of what the network has rounded, but the join has no
  /// codes.
  bool has_no_codes(size_t join_at) const {
    const graph::Node& join = graph_.nodes[join_at];
    return !stated_codes(graph_, join.output) &&
           std::any_of(join.inputs.begin(), join.inputs.end(),
                       [&](graph::ValueId part) { return of_codes(part); });
  }

  /// Whether `v` is rounded, or an elementwise function of what is.
  bool of_codes(graph::ValueId v) const {
    if (stated_codes(graph_, v)) return true;
    const int at = graph_.producer(v);
    return at >= 0 && is_unary(graph_.nodes[static_cast<size_t>(at)]) &&
           of_codes(graph_.nodes[static_cast<size_t>(at)].inputs[0]);
  }

  /// Whether the operator at `index` rounds, or all that comes behind it does after others that go
  /// with it.
  bool ends_rounded(size_t index) const {
    const graph::Node& node = graph_.nodes[index];
    if (graph_.codes(node.output)) return true;
    const std::vector<size_t> readers = graph_.consumers(node.output);
    return !graph_.is_output(node.output) &&
           std::all_of(readers.begin(), readers.end(), [&](size_t reader) {
             return is_unary(graph_.nodes[reader]) && ends_rounded(reader);
           });
  }

  /// Whether the join rounds nothing that its parts are not.
  bool only_joins(const graph::Node& join) const {
    const auto codes = graph_.codes(join.output);
    return !codes || std::all_of(join.inputs.begin(), join.inputs.end(), [&](graph::ValueId part) {
      return stated_codes(graph_, part) == codes;
    });
  }

  /// Whether the operators that make the parts can take over the one at `index`.
  bool costs_nothing(size_t join_at, size_t index) const {
    const graph::Node& join = graph_.nodes[join_at];
    if (!only_joins(join)) return false;
    if (graph_.nodes[index].is<graph::ScaleShift>() && joins_channels(join)) return false;
    return graph_.only_reader(join.output, index) &&
           std::all_of(join.inputs.begin(), join.inputs.end(), [&](graph::ValueId part) {
             const int maker = graph_.producer(part);
             if (maker < 0 || !graph_.only_reader(part, join_at)) return false;
             return !graph_.nodes[static_cast<size_t>(maker)].is<graph::Slice, graph::Reshape>();
           });
  }

  /// Gives the operator at `index` a join of its own; both move up.
  void copy_join(size_t& join_at, size_t& index) {
    graph::Node join = graph_.nodes[join_at];
    join.output = graph_.add_like(join.output, "/" + graph_.nodes[index].op_type);
    graph_.nodes[index].inputs[0] = join.output;
    ++join_at;
    graph_.nodes.insert(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(join_at),
                        std::move(join));
    ++index;
  }

  /// `node` as it is of the part of `join` that begins at `channel`.
  static graph::Node of_channels(const graph::Node& node, const graph::Node& join, int64_t channel,
                                 int64_t channels) {
    graph::Node part = node;
    auto* by = part.if_is<graph::ScaleShift>();
    if (by == nullptr || !joins_channels(join)) return part;
    for (std::vector<float>* of : {&by->scale, &by->shift, &by->gamma})
      if (!of->empty())
        *of = std::vector<float>(of->begin() + channel, of->begin() + channel + channels);
    return part;
  }

  graph::Graph& graph_;
};

}  // namespace

void distribute_joins(graph::Graph& graph) {
  Distributor distributor(graph);
  for (size_t i = 0; i < graph.nodes.size();) {
    if (distributor.move(i))
      i = 0;
    else
      ++i;
  }
}

}  // namespace systole::passes
