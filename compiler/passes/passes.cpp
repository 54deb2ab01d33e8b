// SPDX-License-Identifier: Apache-2.0
// The order of the passes, and the removal of dead nodes.
#include "compiler/passes/passes.h"

namespace systole::passes {

void remove_dead_nodes(graph::Graph& graph) {
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const graph::ValueId result = graph.nodes[i].output;
    if (graph.is_output(result) || !graph.consumers(result).empty()) continue;
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void run_passes(graph::Graph& graph, std::string* dump) {
  struct Pass {
    const char* name;
    void (*run)(graph::Graph&);
  };
  static constexpr Pass kPasses[] = {
      {"remove-dead-nodes", remove_dead_nodes},
      {"take-codes", take_codes},
      {"raise-roundings", raise_roundings},
      {"share-roundings", share_roundings},
      {"absorb-pads", absorb_pads},
      {"distribute-joins", distribute_joins},
      {"fold-scale-shifts", fold_scale_shifts},
      {"fuse-functions", fuse_functions},
      {"absorb-reshapes", absorb_reshapes},
      {"fuse-adds", fuse_adds},
      {"fuse-clamps", fuse_clamps},
      {"attach-functions", attach_functions},
      {"lower-scale-shifts", lower_scale_shifts},
      {"join-codes", join_codes},
      {"split-interpolations", split_interpolations},
      {"split-weights", split_weights},
      {"place-joins", place_joins},
  };
  if (dump != nullptr) *dump += "// import\n" + graph::to_text(graph);
  for (const Pass& pass : kPasses) {
    pass.run(graph);
    graph::verify(graph, pass.name);
    if (dump != nullptr) *dump += std::string("// ") + pass.name + "\n" + graph::to_text(graph);
  }
}

}  // namespace systole::passes
