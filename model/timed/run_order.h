// SPDX-License-Identifier: Apache-2.0
// The order in which the logs of a run are read.
#pragma once

#include "model/core/events.h"
#include "model/program/program.h"

namespace systole::timed {

/// Sorts what a run of `program` logged: instructions by (end, unit), with the tags that the
/// program gives them, bursts by (cycle, write).
void put_in_order(core::RunLog& log, const program::Program& program);

}  // namespace systole::timed
