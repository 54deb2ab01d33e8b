// SPDX-License-Identifier: Apache-2.0
// Items of all batches follow one another in every tensor.
#include "compiler/pipeline/repeat_batches.h"

#include <fmt/format.h>

#include "model/base/error.h"

namespace systole::pipeline {

void check_repeats(const NetworkPlan& plan, int64_t repeat) {
  if (repeat == 1) return;
  for (const PlanStage& stage : plan.stages) {
    if (stage.on_device()) continue;
    const std::vector<HostWork>& work = stage.host->work();
    throw Error(fmt::format("{} batches one behind the other: {} runs on the host, expected a "
                            "network that the accelerator runs alone",
                            repeat,
                            work.empty() ? "a stage"
                                         : fmt::format("node '{}' ({})", work[0].node, work[0].op)),
                ExitCode::kCannotCompile);
  }
  if (plan.stages.size() != 1)
    throw Error(fmt::format("{} batches one behind the other: the network has {} stages, expected "
                            "one",
                            repeat, plan.stages.size()),
                ExitCode::kCannotCompile);
}

NetworkPlan repeat_batches(NetworkPlan plan, int64_t repeat) {
  if (repeat == 1) return plan;
  plan.batch *= repeat;
  for (PlanStage& stage : plan.stages) {
    if (!stage.device) continue;
    graph::QGraph graph = *stage.device;
    graph.batch *= repeat;
    for (graph::QTensor& tensor : graph.tensors) {
      if (!tensor.onnx_shape.empty() && tensor.onnx_shape[0] == tensor.n)
        tensor.onnx_shape[0] *= repeat;
      tensor.n *= repeat;
    }
    for (graph::QOp& op : graph.ops)
      if (op.dense_macs > 0) op.dense_macs *= repeat;
    stage.tensors = device_tensors(graph);
    stage.device = std::make_shared<const graph::QGraph>(std::move(graph));
  }
  return plan;
}

}  // namespace systole::pipeline
