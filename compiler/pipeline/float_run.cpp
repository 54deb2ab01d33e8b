// SPDX-License-Identifier: Apache-2.0
// Stage by stage, the host's and the accelerator's.
#include "compiler/pipeline/float_run.h"

#include <utility>

#include "compiler/exec/host_steps.h"

namespace systole::pipeline {

std::vector<std::vector<float>> stage_inputs(const FloatStage& stage, const HostValues& values) {
  std::vector<std::vector<float>> inputs;
  for (const std::string& name : stage.inputs) inputs.push_back(numbers_of(values.at(name)));
  return inputs;
}

void put_stage_outputs(const FloatStage& stage, std::vector<std::vector<float>> outputs,
                       HostValues& values, HostSteps steps) {
  const graph::Graph& graph = stage.device->graph();
  for (size_t o = 0; o < outputs.size(); ++o) {
    const graph::Value& value = graph.values[static_cast<size_t>(graph.outputs[o])];
    for (const program::HostStep& step : graph.host_steps)
      if (steps == HostSteps::kDone && step.tensor == value.name)
        exec::apply_host_step(step, value.onnx_shape, outputs[o]);
    values[stage.outputs[o]] = literal_of(stage.output_types[o], std::move(outputs[o]));
  }
}

void run_float(const FloatPlan& plan, HostValues& values, HostSteps steps) {
  run_float_from(plan, 0, values, steps);
}

void run_float_from(const FloatPlan& plan, size_t first, HostValues& values, HostSteps steps) {
  for (size_t s = first; s < plan.stages.size(); ++s) {
    const FloatStage& stage = plan.stages[s];
    if (stage.host)
      stage.host->run(values);
    else
      put_stage_outputs(stage, stage.device->run(stage_inputs(stage, values)), values, steps);
    drop_values(plan, s + 1, values);
  }
  for (const auto& [name, constant] : plan.constants) values[name] = constant;
}

}  // namespace systole::pipeline
