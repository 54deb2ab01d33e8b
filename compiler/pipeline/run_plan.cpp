// SPDX-License-Identifier: Apache-2.0
// Runs of quantised stages: the host between those of the accelerator.
#include "compiler/exec/host_steps.h"
#include "compiler/pipeline/plan.h"
#include "compiler/quant/tensor_io.h"

namespace systole::pipeline {

namespace {

void run_device_stage(const PlanStage& stage, size_t index, std::vector<HostValues>& items,
                      const DeviceRun& run_device, HostSteps steps) {
  const DeviceTensors& tensors = stage.tensors;
  std::vector<std::vector<int8_t>> inputs;
  for (size_t k = 0; k < stage.inputs.size(); ++k) {
    inputs.emplace_back();
    for (const HostValues& item : items) {
      const auto bytes =
          quant::quantise_input(tensors.inputs[k], numbers_of(item.at(stage.inputs[k])));
      inputs.back().insert(inputs.back().end(), bytes.begin(), bytes.end());
    }
  }
  const auto outputs = run_device(index, inputs);
  for (size_t o = 0; o < stage.outputs.size(); ++o) {
    const program::TensorInfo& info = tensors.outputs[o];
    for (size_t i = 0; i < items.size(); ++i) {
      auto numbers = quant::dequantise_output(info, outputs.at(o).data(), static_cast<int64_t>(i));
      for (const program::HostStep& step : tensors.host_steps)
        if (steps == HostSteps::kDone && step.tensor == info.name)
          exec::apply_host_step(step, info.onnx_shape, numbers);
      items[i][stage.outputs[o]] = literal_of(stage.output_types[o], std::move(numbers));
    }
  }
}

}  // namespace

std::vector<HostValues> host_items(const std::vector<PlanTensor>& inputs,
                                   const data::Dataset& batch) {
  std::vector<HostValues> items;
  for (const data::Item& item : batch.items) {
    items.emplace_back();
    for (size_t k = 0; k < inputs.size(); ++k)
      items.back()[inputs[k].name] = literal_of(inputs[k].type, item.at(k));
  }
  return items;
}

void run_plan(const NetworkPlan& plan, std::vector<HostValues>& items, const DeviceRun& run_device,
              HostSteps steps) {
  for (size_t s = 0; s < plan.stages.size(); ++s) {
    const PlanStage& stage = plan.stages[s];
    if (stage.host) {
      for (HostValues& item : items) stage.host->run(item);
    } else {
      run_device_stage(stage, s, items, run_device, steps);
    }
    for (HostValues& item : items) drop_values(plan, s + 1, item);
  }
  for (HostValues& item : items)
    for (const auto& [name, constant] : plan.constants) item[name] = constant;
}

}  // namespace systole::pipeline
