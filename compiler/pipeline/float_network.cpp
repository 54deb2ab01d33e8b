// SPDX-License-Identifier: Apache-2.0
// load_float_network: an ONNX file as a float32 function, passes included.
#include "compiler/pipeline/float_network.h"

#include "compiler/exec/float_executor.h"
#include "compiler/exec/host_steps.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/pipeline/front.h"

namespace systole {

namespace {

class OnnxFloatNetwork : public FloatNetwork {
 public:
  explicit OnnxFloatNetwork(Graph graph)
      : executor_(std::move(graph)), inputs_(inputs_of(executor_.graph())) {}

  const std::vector<NetworkInput>& inputs() const override { return inputs_; }

  std::vector<float> run(const Item& item) const override {
    std::vector<float> output = std::move(executor_.run(item)[0]);
    const Graph& graph = executor_.graph();
    const Value& value = graph.values[static_cast<size_t>(graph.outputs[0])];
    for (const HostStep& step : graph.host_steps) {
      if (step.tensor == value.name) apply_host_step(step, value.onnx_shape, output);
    }
    return output;
  }

 private:
  const FloatExecutor executor_;
  const std::vector<NetworkInput> inputs_;
};

}  // namespace

std::unique_ptr<FloatNetwork> load_float_network(const std::filesystem::path& onnx,
                                                 const InputShapes& shapes,
                                                 const PruneOptions& prune_options) {
  Graph graph = load_graph(onnx, nullptr, nullptr, shapes);
  prune_graph(graph, onnx, prune_options);
  return std::make_unique<OnnxFloatNetwork>(std::move(graph));
}

}  // namespace systole
