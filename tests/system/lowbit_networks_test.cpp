// SPDX-License-Identifier: Apache-2.0
// Networks trained at low bits (QONNX): with 8-bit storage, the integers that float32 gives
// exactly.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "compiler/compile.h"
#include "compiler/exec/float_executor.h"
#include "compiler/front.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

/// The network up to the value `last`, before the layer that leaves its result in float.
std::string cut(const std::string& name, const std::string& last) {
  std::ifstream file(kData / "lowbit" / name, std::ios::binary);
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString({std::istreambuf_iterator<char>(file), {}}));
  onnx::GraphProto& graph = *model.mutable_graph();
  int count = 0;
  while (count < graph.node_size() && graph.node(count).output(0) != last) ++count;
  REQUIRE(count < graph.node_size());
  graph.mutable_node()->DeleteSubrange(count + 1, graph.node_size() - count - 1);
  graph.mutable_output(0)->set_name(last);
  graph.mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  return model.SerializeAsString();
}

}  // namespace

TEST_CASE("networks trained at low bits give their integers") {
  struct Case {
    std::string file, last, data;
  };
  const Case c = GENERATE(Case{"lenet_fmnist_w1a1.qonnx.onnx", "a4_quant_out", "lenet.yaml"},
                          Case{"lenet_fmnist_w2a2.qonnx.onnx", "a4_quant_out", "lenet.yaml"},
                          Case{"resnet8_fmnist_w4a4.qonnx.onnx", "agap_quant_out", "resnet8.yaml"});
  INFO(c.file);
  const test::ScratchFolder folder;
  const auto path = folder.write("net.onnx", cut(c.file, c.last));
  const QGraph graph = compile_front(path, {});
  CHECK(graph.own_scales);
  const FloatExecutor executor(load_graph(path, nullptr, nullptr));
  const auto tensor = [&](const std::vector<TensorId>& ids) {
    return tensor_info(graph.tensors[static_cast<size_t>(ids.at(0))]);
  };
  const TensorInfo in = tensor(graph.inputs), out = tensor(graph.outputs);
  const Dataset data = load_dataset(kData / c.data, in.onnx_shape, 50);
  REQUIRE(data.items.size() == 50);
  for (const auto& item : data.items) {
    const auto stored = run_qgraph(graph, quantise_input(in, item)).at(0);
    CHECK(dequantise_output(out, stored.data(), 0) == executor.run(item).at(0));
  }
}

}  // namespace systole
