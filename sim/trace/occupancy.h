// SPDX-License-Identifier: Apache-2.0
// How full buffers and the ring of weight tiles are over a run, from its logs (docs/traces.md).
#pragma once

#include <cstdint>
#include <vector>

#include "model/arch/nest.h"
#include "sim/trace/traced_run.h"

namespace systole::trace {

/// From `cycle` on so much more, or less, is in use.
struct LevelChange {
  Cycle cycle = 0;
  int64_t change = 0;
};
/// In the order of their cycles; they begin at 0.
using LevelChanges = std::vector<LevelChange>;

/// Units of `storage` (kUb: words, kAcc: rows) that hold something: from the start of the
/// instruction that first writes it to the end of the last one that reads it. Of large storages
/// several units count as one, where one of them does.
LevelChanges storage_changes(const TracedRun& run, arch::Storage storage);

/// Tiles of the ring that are taken: from the step of ldw that brings the first row of one until
/// mxu gives it back. Where not all rows of an instruction take as many steps (masks, 2:4,
/// diagonals) its steps are dealt out to its tiles by their rows.
LevelChanges ring_changes(const TracedRun& run);

}  // namespace systole::trace
