// SPDX-License-Identifier: Apache-2.0
// Where the snapshots of runs stand in the cache, beside the library that they are of.
#pragma once

#include <filesystem>

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/engine/snapshot_keeper.h"
#include "sim/platform/dram_image.h"

namespace systole::engine {

/// The file for runs of `program` on `library`: its name holds a hash of all that decides what such
/// a run does, the bytes of `dram` included.
std::filesystem::path snapshot_file(const std::filesystem::path& library,
                                    const arch::ArchConfig& arch, const program::Program& program,
                                    const platform::DramImage& dram, uint64_t reset_seed);

/// When a run of `program` leaves snapshots: one in `interval` cycles; 0: as far as time allows.
SnapshotPlan snapshot_plan(const program::Program& program, Cycle interval);

/// Removes those in `directory` that were not used for longest, until all have no more than
/// `most_bytes`; `kept` stays.
void limit_snapshots(const std::filesystem::path& directory, const std::filesystem::path& kept,
                     uint64_t most_bytes = uint64_t{1} << 30);

}  // namespace systole::engine
