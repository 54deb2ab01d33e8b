// SPDX-License-Identifier: Apache-2.0
// A network that is asked for, in float32.
#pragma once

#include "compiler/pipeline/float_plan.h"
#include "sim/session/request.h"

namespace systole::session {

/// The network in float32 as compile_network quantises it for `arch`: pruned, its channels scaled.
/// Throws Error.
pipeline::FloatPlan load_prepared(const NetworkRequest& request, const arch::ArchConfig& arch);

}  // namespace systole::session
