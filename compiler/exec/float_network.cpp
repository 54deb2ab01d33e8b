// SPDX-License-Identifier: Apache-2.0
// load_float_network: an ONNX file as a float32 function, passes included.
#include <fmt/format.h>

#include "compiler/compile.h"
#include "compiler/exec/float_executor.h"
#include "compiler/exec/host_steps.h"
#include "compiler/front.h"
#include "model/arch/error.h"

namespace systole {

namespace {

class OnnxFloatNetwork : public FloatNetwork {
 public:
  OnnxFloatNetwork(Graph graph, std::vector<int64_t> input_shape)
      : executor_(std::move(graph)), input_shape_(std::move(input_shape)) {}

  const std::vector<int64_t>& input_shape() const override { return input_shape_; }

  std::vector<float> run(const std::vector<float>& input) const override {
    std::vector<float> output = std::move(executor_.run(input)[0]);
    const Graph& graph = executor_.graph();
    const Value& value = graph.values[static_cast<size_t>(graph.outputs[0])];
    for (const HostStep& step : graph.host_steps) {
      if (step.tensor == value.name) apply_host_step(step, value.onnx_shape, output);
    }
    return output;
  }

 private:
  FloatExecutor executor_;
  std::vector<int64_t> input_shape_;
};

}  // namespace

std::unique_ptr<FloatNetwork> load_float_network(const std::filesystem::path& onnx,
                                                 const InputShapes& shapes,
                                                 const PruneOptions& prune_options) {
  Graph graph = load_graph(onnx, nullptr, nullptr, shapes);
  prune_graph(graph, onnx, prune_options);
  if (graph.inputs.size() != 1) {
    throw Error(fmt::format("{}: has {} inputs, data can be given for one", onnx.string(),
                            graph.inputs.size()));
  }
  std::vector<int64_t> shape = graph.values[static_cast<size_t>(graph.inputs[0])].onnx_shape;
  shape[0] = 1;
  return std::make_unique<OnnxFloatNetwork>(std::move(graph), std::move(shape));
}

}  // namespace systole
