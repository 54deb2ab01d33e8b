// SPDX-License-Identifier: Apache-2.0
// Networks in stages of host and accelerator are pruned as one network.
#include "compiler/pipeline/plan.h"
#include "tests/compile.h"
#include "tests/unit/prune_graphs.h"

namespace systole {
namespace {

using namespace test;  // NOLINT: helpers of this test

/// Zeros among the weights of each convolution, stage by stage.
std::vector<int64_t> zeros_of(const pipeline::NetworkPlan& plan) {
  std::vector<int64_t> zeros;
  for (const pipeline::PlanStage& stage : plan.stages) {
    if (!stage.device) continue;
    for (const graph::QOp& op : stage.device->ops)
      if (op.is<graph::QConv>())
        zeros.push_back(std::count(op.conv().weights.begin(), op.conv().weights.end(), int8_t{0}));
  }
  return zeros;
}

}  // namespace

TEST_CASE("the first and the last layer of a network in stages are those of the whole") {
  OnnxBuilder b;
  b.input("x", {1, 4, 4, 4});
  const std::vector<float> weights = {9, 1, 8, 1, 1, 7, 1, 6, 9, 9, 1, 1, 1, 1, 8, 8};
  for (const char* name : {"wa", "wb", "wc", "wd"}) b.floats(name, {4, 4, 1, 1}, weights);
  b.node("Conv", {"x", "wa"}, "a");
  b.node("Conv", {"a", "wb"}, "b");
  b.node("LRN", {"b"}, "n").set("size", 3);
  b.node("Conv", {"n", "wc"}, "c");
  b.node("Conv", {"c", "wd"}, "d");
  b.output("d");
  const ScratchFolder folder;
  pipeline::FrontOptions options;
  options.prune = options_of({"nm:2:4"});
  CHECK(zeros_of(compile_staged(folder.write("net.onnx", b.bytes()), options)) ==
        std::vector<int64_t>{0, 8, 8, 0});
}

}  // namespace systole
