// SPDX-License-Identifier: Apache-2.0
// The stages of the accelerator by their executors, between them the host.
#include "compiler/pipeline/plan_executor.h"

namespace systole::pipeline {

PlanExecutor::PlanExecutor(const NetworkPlan& plan) : plan_(plan) {
  for (const PlanStage& stage : plan.stages)
    stages_.push_back(stage.device ? std::make_unique<exec::QGraphExecutor>(*stage.device)
                                   : nullptr);
}

void PlanExecutor::run(std::vector<HostValues>& items, HostSteps steps,
                       const Observer& observe) const {
  run_plan(
      plan_, items,
      [&](size_t index, const std::vector<std::vector<int8_t>>& inputs) {
        if (!observe) return stage(index).run(inputs);
        return stage(index).run(inputs, [&](graph::TensorId tensor, std::vector<int8_t>& stored) {
          observe(index, tensor, stored);
        });
      },
      steps);
}

std::vector<std::vector<float>> PlanExecutor::all_outputs(const data::Item& item,
                                                          HostSteps steps) const {
  std::vector<HostValues> items = host_items(plan_.inputs, data::Dataset{{item}, {}});
  run(items, steps);
  std::vector<std::vector<float>> outputs;
  for (const PlanTensor& out : plan_.outputs) outputs.push_back(numbers_of(items[0].at(out.name)));
  return outputs;
}

}  // namespace systole::pipeline
