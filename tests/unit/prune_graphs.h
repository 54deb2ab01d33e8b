// SPDX-License-Identifier: Apache-2.0
// Small float graphs for the tests of pruning.
#pragma once

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "compiler/exec/float_executor.h"
#include "compiler/onnx/importer.h"
#include "compiler/passes/passes.h"
#include "compiler/prune/prune.h"
#include "model/arch/arch.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {

inline graph::Graph imported(const OnnxBuilder& b) {
  const ScratchFolder folder;
  graph::Graph graph = importer::import_onnx(folder.write("net.onnx", b.bytes()));
  passes::run_passes(graph, nullptr);
  return graph;
}

/// One layer [out][in][kh][kw] over a map of 6x6, named "y_node".
inline graph::Graph one_layer(const Dims& dims, const std::vector<float>& weights) {
  OnnxBuilder b;
  b.input("x", {1, dims[1], 6, 6}).floats("w", dims, weights);
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  return imported(b);
}

inline prune::PruneOptions options_of(const std::vector<std::string>& texts, int rows = 16,
                                      int cols = 16) {
  prune::PruneOptions options;
  options.specs = prune::parse_prune(texts);
  options.hw = arch::load_arch("edge-16x16").hw;
  options.hw.rows = rows;
  options.hw.cols = cols;
  return options;
}

inline graph::Node& node_of(graph::Graph& graph, const std::string& name) {
  for (graph::Node& node : graph.nodes)
    if (node.name == name) return node;
  FAIL("no node '" << name << "'");
  throw std::logic_error("unreachable");
}

/// The outputs of the graph for a random input of `seed`.
inline std::vector<std::vector<float>> outputs_of(const graph::Graph& graph, unsigned seed = 7) {
  std::mt19937 rng(seed);
  return exec::FloatExecutor(graph).run(
      random_floats(static_cast<size_t>(graph.shape(graph.inputs[0]).elements()), rng));
}

inline void check_close(const std::vector<std::vector<float>>& a,
                        const std::vector<std::vector<float>>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t o = 0; o < a.size(); ++o) {
    REQUIRE(a[o].size() == b[o].size());
    for (size_t i = 0; i < a[o].size(); ++i) CHECK(a[o][i] == Approx(b[o][i]).margin(1e-4));
  }
}

}  // namespace systole::test
