// SPDX-License-Identifier: Apache-2.0
// The trained networks end to end: float32 accuracy as published, int8 beside it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "tests/compile.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

int best(const std::vector<float>& scores) {
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

program::TensorInfo info_of(const graph::QTensor& t) {
  program::TensorInfo info;
  info.name = t.name;
  info.shape = {t.n, t.h, t.w, t.c};
  info.onnx_shape = t.onnx_shape;
  info.scale = t.scale;
  info.zero_point = t.zero_point;
  return info;
}

struct Correct {
  int float32 = 0, int8 = 0, same = 0;
};

/// Images of the test data that the network and its int8 form, compiled for `batch`, get right.
Correct count_correct(const std::string& name, int64_t batch) {
  const auto onnx = kData / (name + "_fmnist.onnx");
  const auto network = pipeline::load_float_network(onnx);
  const data::Dataset test = data::load_dataset(kData / (name + ".yaml"), network.input_shape());
  const data::Dataset calibration =
      data::load_dataset(kData / (name + "_calib.yaml"), network.input_shape());
  REQUIRE(test.items.size() == 1000);
  REQUIRE(calibration.items.size() == 256);

  pipeline::FrontOptions options;
  options.batch = batch;
  options.calibration = &calibration;
  const graph::QGraph graph = compile_graph(onnx, options);
  const program::TensorInfo input = info_of(graph.tensors[static_cast<size_t>(graph.inputs[0])]);
  const program::TensorInfo output = info_of(graph.tensors[static_cast<size_t>(graph.outputs[0])]);

  Correct correct;
  std::vector<int8_t> stored;
  for (size_t i = 0; i < test.items.size(); ++i) {
    const std::vector<int8_t> item = quant::quantise_input(input, test.items[i].at(0));
    stored.insert(stored.end(), item.begin(), item.end());
    if ((i + 1) % static_cast<size_t>(batch) != 0) continue;
    const auto result = exec::run_qgraph(graph, stored);
    stored.clear();
    for (int64_t k = 0; k < batch; ++k) {
      const size_t image = i + 1 - static_cast<size_t>(batch) + static_cast<size_t>(k);
      const int guess = best(quant::dequantise_output(output, result[0].data(), k));
      const int reference = best(network.run(test.items[image]));
      correct.float32 += reference == test.labels[image];
      correct.int8 += guess == test.labels[image];
      correct.same += guess == reference;
    }
  }
  return correct;
}

}  // namespace

TEST_CASE("LeNet keeps its accuracy in int8") {
  const Correct correct = count_correct("lenet", 1);
  INFO("float32 " << correct.float32 << ", int8 " << correct.int8 << ", same " << correct.same);
  CHECK(correct.float32 == 903);   // ONNX Runtime's count on the same images
  CHECK(correct.int8 >= 903 - 5);  // half a point
  CHECK(correct.same >= 980);
}

TEST_CASE("ResNet-8 keeps its accuracy in int8 at batch 4") {
  const Correct correct = count_correct("resnet8", 4);
  INFO("float32 " << correct.float32 << ", int8 " << correct.int8 << ", same " << correct.same);
  CHECK(correct.float32 == 917);
  CHECK(correct.int8 >= 917 - 5);
  CHECK(correct.same >= 975);
}

TEST_CASE("the MLP keeps its accuracy in int8 at batch 8") {
  const Correct correct = count_correct("mlp", 8);
  INFO("float32 " << correct.float32 << ", int8 " << correct.int8 << ", same " << correct.same);
  CHECK(correct.float32 == 888);
  CHECK(correct.int8 >= 888 - 5);
  CHECK(correct.same >= 980);
}

}  // namespace systole
