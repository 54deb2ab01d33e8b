// SPDX-License-Identifier: Apache-2.0
// A quantised network in stages: what a run of accelerator and host together needs.
#pragma once

#include <functional>
#include <optional>

#include "compiler/graph/qgraph.h"
#include "compiler/pipeline/float_plan.h"
#include "compiler/pipeline/front.h"

namespace systole {

/// One of `device` and `host` is set.
struct PlanStage {
  std::vector<std::string> inputs, outputs;  ///< values of the network
  std::vector<ValueType> output_types;
  std::optional<QGraph> device;
  std::shared_ptr<const HostProgram> host;
  int64_t elements = 0;  ///< of its nodes' results, one item
};

struct NetworkPlan {
  std::string name;
  int64_t batch = 1;
  std::vector<PlanTensor> inputs, outputs;
  std::vector<PlanStage> stages;  ///< in the order in which they run
  HostValues constants;           ///< outputs that no input changes
};

/// compile_front with the host's help: cuts, calibrates every stage on what the stages before it
/// give, quantises. Throws Error as load_float_plan and compile_front do.
NetworkPlan compile_plan(const std::filesystem::path& onnx, const FrontOptions& options);

/// Stored bytes of a device stage's inputs (whole batch) to those of its outputs.
using DeviceRun = std::function<std::vector<std::vector<int8_t>>(
    size_t stage, const std::vector<std::vector<int8_t>>& inputs)>;

/// Runs a batch: `items` hold the network's inputs, one map an item, and receive its outputs.
/// Between the stages the host turns float32 into bytes and back.
void run_plan(const NetworkPlan& plan, std::vector<HostValues>& items, const DeviceRun& run_device);

}  // namespace systole
