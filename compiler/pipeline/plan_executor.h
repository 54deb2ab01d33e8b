// SPDX-License-Identifier: Apache-2.0
// A quantised network, run by the bit-exact executor as often as is asked.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/plan.h"

namespace systole::pipeline {

/// What the hardware gives, without its time. Weights are prepared once; several threads may run
/// one.
class PlanExecutor {
 public:
  /// As QGraphExecutor::Observer, of the graph of `stage`.
  using Observer =
      std::function<void(size_t stage, graph::TensorId tensor, std::vector<int8_t>& stored)>;

  /// `plan`, whose stages of the accelerator have graphs, must stay.
  explicit PlanExecutor(const NetworkPlan& plan);

  /// Runs a batch: `items` as of run_plan.
  void run(std::vector<HostValues>& items, HostSteps steps = HostSteps::kDone,
           const Observer& observe = {}) const;
  /// Runs one item through a plan of batch 1; every output, in the plan's order, flattened.
  std::vector<std::vector<float>> all_outputs(const data::Item& item,
                                              HostSteps steps = HostSteps::kDone) const;
  /// The first of them.
  std::vector<float> first_output(const data::Item& item,
                                  HostSteps steps = HostSteps::kDone) const {
    return all_outputs(item, steps).at(0);
  }
  /// Of a stage of the accelerator.
  const exec::QGraphExecutor& stage(size_t index) const { return *stages_.at(index); }

 private:
  const NetworkPlan& plan_;
  std::vector<std::unique_ptr<const exec::QGraphExecutor>> stages_;  ///< null: the host's
};

}  // namespace systole::pipeline
