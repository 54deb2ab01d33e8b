// SPDX-License-Identifier: Apache-2.0
// A plan of one batch as that of several, one behind the other.
#pragma once

#include "compiler/pipeline/plan.h"

namespace systole::pipeline {

/// Throws Error (cannot compile) naming a node if a stage of `plan` runs on the host.
void check_repeats(const NetworkPlan& plan, int64_t repeat);

/// What goes in and comes out of `repeat` batches, and the quantised graph that says what comes
/// out, which is the same for a batch so much larger. check_repeats has passed.
NetworkPlan repeat_batches(NetworkPlan plan, int64_t repeat);

}  // namespace systole::pipeline
