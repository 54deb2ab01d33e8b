// SPDX-License-Identifier: Apache-2.0
// Makes sure that every value of a concat, slice or free reshape can lie inside another one: copies
// what has to lie in two places, and rescales what has other codes than what it is joined to.
#include <algorithm>
#include <set>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

class Placer {
 public:
  explicit Placer(graph::Graph& graph) : graph_(graph) {}

  void run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i)
      if (is_join(graph_.nodes[i])) place_parts(i);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].is<graph::Reshape>()) place_reshape(i);
      if (graph_.nodes[i].is<graph::Slice>()) place_slice(i);
    }
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].is<graph::Slice>() && graph_.is_output(graph_.nodes[i].output))
        copy_output(i);
    }
    state_codes();
  }

 private:
  /// Whether one of these operators makes `v`.
  template <typename... Operators>
  bool is_made_by(graph::ValueId v) const {
    const int at = graph_.producer(v);
    return at >= 0 && graph_.nodes[static_cast<size_t>(at)].is<Operators...>();
  }

  /// Clamps, padding, cuts and reshapes that leave what they read on its codes have them, too.
  void state_codes() {
    for (const graph::Node& node : graph_.nodes) {
      const bool own_bytes = parts_.count(node.output) == 0;
      const bool keeps =
          node.is<graph::Clamp, graph::AveragePool, graph::Slice, graph::Reshape>() &&
          !node.function;
      if (own_bytes && keeps)
        graph_.values[static_cast<size_t>(node.output)].codes = stated_codes(graph_, node.output);
    }
  }

  /// Every input of the concat or interleave is made in its place, and in no other. Rows and
  /// columns that lie apart can be written so, not read.
  void place_parts(size_t& index) {
    for (size_t k = 0; k < graph_.nodes[index].inputs.size(); ++k) {
      const graph::ValueId v = graph_.nodes[index].inputs[k];
      const bool apart = graph_.nodes[index].is<graph::Interleave>();
      const bool elsewhere = graph_.is_input(v) || graph_.is_output(v) ||
                             is_made_by<graph::Slice, graph::Reshape>(v) || parts_.count(v) != 0 ||
                             scaled_otherwise(v, index) ||
                             (apart && (is_made_by<graph::Concat, graph::Interleave>(v) ||
                                        !graph_.only_reader(v, index)));
      const graph::ValueId part =
          elsewhere ? copy_before(index, v, graph_.codes(graph_.nodes[index].output)) : v;
      graph_.nodes[index].inputs[k] = part;
      parts_.insert(part);
    }
  }

  /// Whether the bytes of `v` would stand for other numbers where the join at `index` has them.
  /// What is rounded only by what it is a copy of may be rescaled as it is copied, if nothing else
  /// reads it.
  bool scaled_otherwise(graph::ValueId v, size_t index) const {
    const auto& joined = graph_.codes(graph_.nodes[index].output);
    if (graph_.codes(v)) return graph_.codes(v) != joined;
    const auto stated = stated_codes(graph_, v);
    return stated && stated != joined && !graph_.only_reader(v, index);
  }

  /// A reshape is of a value that lies in one piece.
  void place_reshape(size_t& index) {
    const graph::ValueId v = graph_.nodes[index].inputs[0];
    if (is_made_by<graph::Slice>(v) || parts_.count(v) != 0)
      graph_.nodes[index].inputs[0] = copy_before(index, v, stated_codes(graph_, v));
  }

  /// A box of a reshaped value has no place of its own.
  void place_slice(size_t& index) {
    const graph::ValueId v = graph_.nodes[index].inputs[0];
    if (is_made_by<graph::Reshape>(v))
      graph_.nodes[index].inputs[0] = copy_before(index, v, stated_codes(graph_, v));
  }

  /// Inserts a copy of `v`, in `codes`, before the node at `index`, which moves up.
  graph::ValueId copy_before(size_t& index, graph::ValueId v, std::optional<graph::Codes> codes) {
    graph::Node copy = graph::make_node(graph::Clamp{}, {v});
    copy.name = graph_.nodes[index].name + "/copy";
    copy.op_type = graph_.nodes[index].op_type;
    copy.output = graph_.add_like(v, "/copy");
    const graph::ValueId made = copy.output;
    graph_.values[static_cast<size_t>(made)].codes = codes;
    graph_.nodes.insert(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(index), std::move(copy));
    ++index;
    return made;
  }

  /// A network output lies in one piece: the node at `index` gets a copy behind it.
  void copy_output(size_t index) {
    const graph::ValueId output = graph_.nodes[index].output;
    graph::Node copy = graph::make_node(graph::Clamp{}, {graph_.add_like(output, "/part")});
    copy.name = graph_.nodes[index].name + "/copy";
    copy.op_type = graph_.nodes[index].op_type;
    copy.output = output;
    for (size_t i = index; i < graph_.nodes.size(); ++i) {
      for (graph::ValueId& in : graph_.nodes[i].inputs)
        if (in == copy.output) in = copy.inputs[0];
    }
    graph_.nodes[index].output = copy.inputs[0];
    graph_.nodes.insert(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                        std::move(copy));
  }

  graph::Graph& graph_;
  std::set<graph::ValueId> parts_;  ///< of concats
};

}  // namespace

void place_joins(graph::Graph& graph) { Placer(graph).run(); }

}  // namespace systole::passes
