// SPDX-License-Identifier: Apache-2.0
// The front half of the compiler: an ONNX file to a quantised network in stages, of which a network
// that the accelerator runs alone has one.
#pragma once

#include <functional>
#include <optional>

#include "compiler/graph/qgraph.h"
#include "compiler/pipeline/float_plan.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/calibrate.h"

namespace systole::pipeline {

/// What the accelerator takes and gives in a stage, in the order of the stage's inputs and outputs.
struct DeviceTensors {
  std::vector<program::TensorInfo> inputs, outputs;
  std::vector<program::HostStep> host_steps;  ///< on its outputs, in float32
};

struct PlanStage {
  std::vector<std::string> inputs, outputs;  ///< values of the network
  std::vector<ValueType> output_types;
  std::shared_ptr<const graph::QGraph> device;  ///< null: the host's, or compiled already
  std::shared_ptr<const HostProgram> host;      ///< null: the accelerator's
  int64_t elements = 0;                         ///< of its nodes' results, one item
  DeviceTensors tensors;                        ///< the accelerator's

  bool on_device() const { return host == nullptr; }
};

struct NetworkPlan {
  std::string name;
  int64_t batch = 1;
  std::vector<PlanTensor> inputs, outputs;
  std::vector<PlanStage> stages;  ///< in the order in which they run
  HostValues constants;           ///< outputs that no input changes

  /// How often output `k` is given: one that no input changes once, whatever the batch.
  int64_t batch_of_output(size_t k) const {
    return constants.contains(outputs.at(k).name) ? 1 : batch;
  }
  /// The quantised graphs, in the order in which they run.
  std::vector<const graph::QGraph*> graphs() const;
  /// Whether all of them state their scales: the network arrives quantised, there is no float32 to
  /// hold it against.
  bool states_own_integers() const;
};

/// Imports, folds, cuts if the host may help (FrontOptions::host), prunes, calibrates every stage
/// on what the stages before it give, quantises, fuses. Throws Error: bad file (kBadInput) or
/// operators that nobody can run (kCannotCompile; all of them, by node and reason).
NetworkPlan compile_front(const std::filesystem::path& onnx, const FrontOptions& options);

/// The steps of compile_front, for those who quantise a network more than once. `network` as
/// load_float_plan gives it. Prunes it, with the user's data where one stage is all of it.
prune::PruneResult prune_network(FloatPlan& network, const FrontOptions& options);
/// Items to calibrate the stages with, none if no scale needs them. Throws Error if biases are to
/// be corrected and cannot be.
std::vector<HostValues> calibration_items(const FloatPlan& network, const FrontOptions& options);
/// Runs a stage of the accelerator on `items`, which hold its inputs and receive its outputs (the
/// host's steps left out), and returns what the observers say of each value.
std::vector<quant::ValueRange> calibrate_stage(const FloatStage& stage,
                                               std::vector<HostValues>& items,
                                               const quant::RangeObserverFactory& observers,
                                               const FrontOptions& options);
/// `network` with the quantised `graphs` of the accelerator's stages. Exporters call every graph
/// the same, so that `name`, the file's, is the network's; of several graphs each has a number.
NetworkPlan assemble_plan(const FloatPlan& network, const std::string& name, int64_t batch,
                          std::vector<graph::QGraph> graphs);

/// What a stage of `graph` takes and gives.
DeviceTensors device_tensors(const graph::QGraph& graph);

/// A network of one stage that the accelerator runs, with no graph.
NetworkPlan lone_stage(const std::string& name, int64_t batch, DeviceTensors tensors);
/// The same of a graph that was made elsewhere.
NetworkPlan lone_stage(graph::QGraph graph);

/// The batch as values of the network, one map an item.
std::vector<HostValues> host_items(const std::vector<PlanTensor>& inputs,
                                   const data::Dataset& batch);

/// Stored bytes of a device stage's inputs (whole batch) to those of its outputs.
using DeviceRun = std::function<std::vector<std::vector<int8_t>>(
    size_t stage, const std::vector<std::vector<int8_t>>& inputs)>;

/// Runs a batch: `items` hold the network's inputs, one map an item, and receive its outputs.
/// Between the stages the host turns float32 into bytes and back.
void run_plan(const NetworkPlan& plan, std::vector<HostValues>& items, const DeviceRun& run_device,
              HostSteps steps = HostSteps::kDone);

}  // namespace systole::pipeline
