// SPDX-License-Identifier: Apache-2.0
// Residual adds leave the convolution that fuse_adds put them into.
#include <limits>
#include <utility>

#include "compiler/passes/passes.h"

namespace systole::passes {

void split_sums(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool computes = graph.nodes[i].is<graph::Conv, graph::ScaleShift>();
    if (!computes || graph.nodes[i].inputs.size() != 2) continue;
    // A network that rounds its sum states no codes for what comes before.
    if (graph.codes(graph.nodes[i].output) || graph.nodes[i].sign_only) continue;
    const graph::ValueId product = graph.add_like(graph.nodes[i].output, "/product");
    graph::Node& node = graph.nodes[i];
    graph::Node add = graph::make_node(graph::Add{}, {product, node.inputs[1]});
    add.name = node.name + "/add";
    add.op_type = "Add";
    add.output = std::exchange(node.output, product);
    add.lo = std::exchange(node.lo, -std::numeric_limits<float>::infinity());
    add.hi = std::exchange(node.hi, std::numeric_limits<float>::infinity());
    add.function = std::exchange(node.function, std::nullopt);
    add.before = std::exchange(node.before, graph::kNoValue);
    node.inputs.pop_back();
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(++i), std::move(add));
  }
}

}  // namespace systole::passes
