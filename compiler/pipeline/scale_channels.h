// SPDX-License-Identifier: Apache-2.0
// The steps of a calibration that come before its ranges (compiler/quant/calibration_steps.h).
#pragma once

#include <filesystem>
#include <vector>

#include "compiler/pipeline/float_plan.h"
#include "compiler/pipeline/front.h"

namespace systole::pipeline {

/// Whether the policy or the calibration's steps want it.
bool wants_bias_correction(const FrontOptions& options);
/// Whether weights are rounded with error feedback.
bool wants_gptq(const FrontOptions& options);

/// Scales the channels of `network`, which is pruned, as the steps say. Throws Error: ranges by
/// channel are wanted, and there is no data to take them from.
void scale_channels(FloatPlan& network, const FrontOptions& options);

/// Warns of weights that 8 bits make 0, once for a network. `weight_bits`: by node.
void warn_of_lost_weights(const graph::Graph& graph, const std::vector<int>& weight_bits,
                          const FrontOptions& options);

/// The network in float32 as compile_front quantises it: pruned, its channels scaled.
FloatPlan load_prepared(const std::filesystem::path& onnx, FrontOptions options);

}  // namespace systole::pipeline
