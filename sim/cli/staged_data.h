// SPDX-License-Identifier: Apache-2.0
// Data of a network in stages: inputs to the host's values, and back.
#pragma once

#include <vector>

#include "compiler/fallback/plan.h"
#include "sim/cli/run_data.h"

namespace systole {

std::vector<RunInput> run_inputs(const Plan& plan);

/// The batch as the host's values, one map an item.
std::vector<HostValues> host_items(const Plan& plan, const BatchData& batch);

/// Dimensions of a whole batch of items of `dims`.
std::vector<int64_t> batch_shape(std::vector<int64_t> dims, int64_t batch);

}  // namespace systole
