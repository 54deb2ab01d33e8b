// SPDX-License-Identifier: Apache-2.0
// Data of a network in stages: inputs to the host's values, and back.
#pragma once

#include <vector>

#include "compiler/pipeline/plan.h"
#include "sim/cli/run_data.h"

namespace systole {

/// The batch as the host's values, one map an item.
std::vector<HostValues> host_items(const NetworkPlan& plan, const Dataset& batch);

}  // namespace systole
