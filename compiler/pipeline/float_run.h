// SPDX-License-Identifier: Apache-2.0
// Runs a network in float32, as a whole (run_float) or stage by stage.
#pragma once

#include <vector>

#include "compiler/pipeline/float_plan.h"

namespace systole::pipeline {

/// What a stage of the accelerator takes of `values`.
std::vector<std::vector<float>> stage_inputs(const FloatStage& stage, const HostValues& values);

/// Puts what a stage of the accelerator gave into `values`.
void put_stage_outputs(const FloatStage& stage, std::vector<std::vector<float>> outputs,
                       HostValues& values, HostSteps steps);

/// run_float from stage `first` on, whose inputs `values` hold.
void run_float_from(const FloatPlan& plan, size_t first, HostValues& values, HostSteps steps);

}  // namespace systole::pipeline
