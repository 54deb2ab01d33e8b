// SPDX-License-Identifier: Apache-2.0
// Networks that are ready to be debugged, with the values that their tensors are to have.
#pragma once

#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/fidelity/tensor_values.h"
#include "compiler/pipeline/plan_executor.h"
#include "sim/debug/target.h"
#include "sim/numpy/npy_writer.h"
#include "sim/session/compile.h"
#include "sim/session/data.h"
#include "tests/unit/onnx_builder.h"

namespace systole {

/// By tensor: its values as stored, NHWC, of all batches.
using Expected = std::vector<std::vector<int64_t>>;

/// Every tensor that `graph` makes of `inputs`.
inline Expected executed(const graph::QGraph& graph,
                         const std::vector<std::vector<int8_t>>& inputs) {
  Expected all(graph.tensors.size());
  exec::QGraphExecutor(graph).run(inputs, [&](graph::TensorId id, std::vector<int8_t>& stored) {
    const graph::QTensor& tensor = graph.tensors[static_cast<size_t>(id)];
    std::vector<int64_t>& values = all[static_cast<size_t>(id)];
    if (tensor.sums()) {
      const std::vector<int32_t> sums = fidelity::sums_of(tensor, stored);
      values.assign(sums.begin(), sums.end());
    } else {
      values.assign(stored.begin(), stored.end());
    }
  });
  return all;
}

/// A network that is compiled, with what is in it when it is run.
struct Prepared {
  arch::ArchConfig arch;
  session::CompiledNetwork compiled;
  std::vector<std::vector<int8_t>> inputs;
  Expected expected;

  const graph::QGraph& graph() const { return *compiled.plan.stages[0].device; }
  debug::Subject subject() const {
    const program::Program& program = compiled.programs.at(0);
    debug::Subject made{program, arch, platform::make_image(program), 10000,
                        &compiled.tensors.at(0)};
    session::place_inputs(program, inputs, made.image);
    return made;
  }
};

inline Prepared prepare(session::NetworkRequest request, arch::ArchConfig arch) {
  request.tells_tensors = true;
  Prepared made{std::move(arch), {}, {}, {}};
  made.compiled = session::compile_network(request, made.arch);
  REQUIRE(made.compiled.is_lone());
  const graph::QGraph& graph = made.graph();
  const auto data = session::load_data(request, made.compiled);
  REQUIRE(data.has_value());
  auto items = pipeline::host_items(made.compiled.plan.inputs, *data);
  pipeline::run_plan(made.compiled.plan, items,
                     [&](size_t, const std::vector<std::vector<int8_t>>& inputs) {
                       made.inputs = inputs;
                       made.expected = executed(graph, inputs);
                       return exec::run_qgraph(graph, inputs);
                     });
  return made;
}

/// Depthwise and pointwise convolutions, a residual, a concat, a cut and pools, of odd sizes.
inline test::OnnxBuilder odd_network(int64_t rows, int64_t columns) {
  std::mt19937 rng(5);
  test::OnnxBuilder b;
  b.input("x", {1, 3, rows, columns});
  b.random("w1", {9, 3, 3, 3}, rng).random("w2", {9, 1, 3, 3}, rng).random("w3", {9, 9, 1, 1}, rng);
  b.random("w4", {5, 18, 3, 3}, rng).random("w5", {7, 4, 1, 1}, rng).random("w6", {6, 7}, rng);
  b.ints("from", {1}, {1}).ints("to", {1}, {5}).ints("axes", {1}, {1}).ints("flat", {2}, {1, 7});
  b.node("Conv", {"x", "w1"}, "a").set("pads", test::Dims{1, 1, 1, 1});
  b.node("Conv", {"a", "w2"}, "d").set("group", 9).set("pads", test::Dims{1, 1, 1, 1});
  b.node("Conv", {"d", "w3"}, "p");
  b.node("Add", {"p", "a"}, "sum");
  b.node("Concat", {"sum", "d"}, "joined").set("axis", 1);
  b.node("Conv", {"joined", "w4"}, "c").set("strides", test::Dims{2, 2});
  b.node("Slice", {"c", "from", "to", "axes"}, "cut");
  b.node("Conv", {"cut", "w5"}, "e");
  b.node("GlobalAveragePool", {"e"}, "g");
  b.node("Reshape", {"g", "flat"}, "f");
  b.node("Gemm", {"f", "w6"}, "y").set("transB", 1);
  b.output("y");
  return b;
}

inline Prepared prepare_odd(const arch::ArchConfig& arch, int64_t rows, int64_t columns,
                            int64_t repeat = 1) {
  const test::ScratchFolder folder;
  std::mt19937 rng(6);
  session::NetworkRequest request;
  request.network = folder.write("odd.onnx", odd_network(rows, columns).bytes());
  request.inputs = {folder.write(
      "x.npy", numpy::to_npy(test::random_floats(static_cast<size_t>(3 * rows * columns), rng),
                             {1, 3, rows, columns}))};
  request.repeat = repeat;
  return prepare(request, arch);
}

}  // namespace systole
