// SPDX-License-Identifier: Apache-2.0
// The class that a network's output names, and how often it is the label.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/pipeline/plan_executor.h"

namespace systole::report {

/// Index of the largest value, the first of equals.
inline int64_t argmax(const std::vector<float>& values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

/// Whether `output` names the class that the label of `item` does.
inline bool is_right(const data::Dataset& data, size_t item, const std::vector<float>& output) {
  return argmax(output) == data.labels[item];
}

/// Runs `plan` (of batch 1), the quantised graphs as they are, on each item and hands its first
/// output to `see`, before what the host does to the accelerator's outputs (softmax).
template <typename See>
void classify(const pipeline::NetworkPlan& plan, const data::Items& items, See see) {
  const pipeline::PlanExecutor executor(plan);
  for (size_t i = 0; i < items.count; ++i)
    see(i, executor.first_output(items.at(i), pipeline::HostSteps::kLeftOut));
}
/// The same of data in memory.
template <typename See>
void classify(const pipeline::NetworkPlan& plan, const data::Dataset& data, See see) {
  classify(plan, data::items_of(data), see);
}

}  // namespace systole::report
