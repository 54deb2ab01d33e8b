// SPDX-License-Identifier: Apache-2.0
// Grouped and depthwise convolutions: float32 and int8 against loop nests, and the bounds of
// layers.
#include <catch2/catch.hpp>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/layer.h"
#include "compiler/pipeline/float_network.h"
#include "tests/unit/lower_graphs.h"
#include "tests/unit/lower_reference.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::Dims;

}  // namespace

TEST_CASE("a grouped convolution sees the channels of its group alone") {
  // 6 channels of 4x5 to 9: kernel 3x2, padding 1 above, stride 2 across; 1, 3 groups; and 6 to 12
  // in 6 groups.
  for (const auto& [group, outputs] : {std::pair{1, 9}, {3, 9}, {6, 6}, {6, 12}}) {
    INFO(group << " groups");
    const int64_t inputs = 6 / group;
    std::mt19937 rng(static_cast<unsigned>(group));
    test::OnnxBuilder b;
    b.input("x", {1, 6, 4, 5});
    const auto w = test::random_floats(static_cast<size_t>(outputs * inputs * 6), rng);
    b.floats("w", {outputs, inputs, 3, 2}, w);
    b.node("Conv", {"x", "w"}, "y")
        .set("group", group)
        .set("pads", values::Dims{1, 0, 0, 0})
        .set("strides", values::Dims{1, 2});
    b.output("y");
    const test::ScratchFolder folder;
    const auto network = pipeline::load_float_network(folder.write("net.onnx", b.bytes()));
    const auto x = test::random_floats(6 * 4 * 5, rng);
    const std::vector<float> y = network.run(x);
    REQUIRE(y.size() == static_cast<size_t>(outputs * 3 * 2));
    size_t at = 0;
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 2; ++j) {
          double sum = 0;
          for (int64_t c = 0; c < inputs; ++c)
            for (int64_t r = 0; r < 3; ++r)
              for (int64_t s = 0; s < 2; ++s) {
                const int64_t h = i + r - 1, v = 2 * j + s;
                if (h < 0) continue;
                const int64_t channel = o / (outputs / group) * inputs + c;
                sum += double{x[static_cast<size_t>((channel * 4 + h) * 5 + v)]} *
                       w[static_cast<size_t>(((o * inputs + c) * 3 + r) * 2 + s)];
              }
          CHECK(y[at++] == Approx(sum).margin(1e-5));
        }
  }
}

TEST_CASE("grouped convolutions of the quantised graph are the reference's") {
  for (const auto& [group, outputs] : {std::pair{3, 9}, {6, 6}, {6, 12}, {2, 4}}) {
    INFO(group << " groups");
    SeededRandom random(static_cast<uint64_t>(group + outputs));
    GraphBuilder builder(random, 2);
    const graph::TensorId in = builder.input(7, 6, 6);
    const graph::TensorId out =
        builder.conv(in, {3, 2, 2, 1, 1, 2, 1, 1, 0, 1}, outputs, -1, group);
    const graph::QGraph graph = builder.finish({out});
    graph::verify(graph);
    const auto inputs = random_inputs(graph, random);
    const bool same = exec::run_qgraph(graph, inputs[0])[0] == run_reference(graph, inputs)[out];
    CHECK(same);
  }
}

TEST_CASE(
    "a layer in groups is bound by the rows of its weight tiles, which serve one group each") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(10, 10, 40);
  const graph::TensorId out = builder.conv(in, {3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 40, -1, 40);
  const graph::QGraph graph = builder.finish({out});
  const lower::Layer layer = lower::make_layers(graph).at(0);
  CHECK(layer.depthwise());
  isa::HwParams hw;
  // 100 pixels; 40 * 9 rows are 23 tiles of 16; 100 * 40 * 9 MACs, 40 * 9 weights.
  const program::LayerInfo square = lower::layer_info(layer, graph, arch::Geometry(hw));
  CHECK(square.mxu_bound == 23 * 100);
  CHECK(square.vpu_bound == 3 * 100);
  CHECK(square.useful_macs == 36000);
  CHECK(square.weight_bytes == 360);
  // With 8 rows there are 45 tiles.
  hw.rows = 8;
  CHECK(lower::layer_info(layer, graph, arch::Geometry(hw)).mxu_bound == 45 * 100);
}

TEST_CASE("a group wider than the array passes its rows once for each of its column tiles") {
  SeededRandom random(1);
  GraphBuilder builder(random, 1);
  const graph::TensorId in = builder.input(10, 10, 32);
  const graph::QGraph graph = builder.finish({builder.conv(in, {}, 32, -1, 2)});
  isa::HwParams hw;
  hw.rows = 7, hw.cols = 13;
  // 16 outputs of a group are two column tiles: 2 * 32 rows are 10 tiles of 7; 3 column tiles of
  // ceil(16 / 7) = 3 tiles each would be 9.
  CHECK(lower::layer_info(lower::make_layers(graph).at(0), graph, arch::Geometry(hw)).mxu_bound ==
        10 * 100);
}

}  // namespace systole
