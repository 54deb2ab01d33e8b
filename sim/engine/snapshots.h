// SPDX-License-Identifier: Apache-2.0
// States of a run of the RTL from which another run of it can go on, and their file.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "model/core/events.h"
#include "sim/platform/dram_image.h"

namespace systole::engine {

inline constexpr uint32_t kSnapshotPage = 4096;  ///< bytes of DRAM that are kept together

/// A page of DRAM as the snapshot that was taken next has it.
struct DramPage {
  uint32_t number = 0;  ///< address / kSnapshotPage
  std::array<uint8_t, kSnapshotPage> bytes{};
};

/// How much of a run's logs and pages there was.
struct LogSizes {
  uint64_t retired = 0, dram = 0, pages = 0;
  std::array<uint64_t, isa::kUnits> causes{};
};

/// The core before the rising edge that begins `cycle`, as RtlCore keeps it.
struct Snapshot {
  Cycle cycle = 0;
  LogSizes logs;
  platform::ByteRange written;  ///< holds every byte of DRAM that was written so far
  std::vector<uint8_t> state;
};

/// What a run has left, up to `reached`.
struct SnapshotSet {
  Cycle reached = 0;                ///< the run was followed up to here
  core::RunLog log;                 ///< as the core has it, from the start to the last snapshot
  std::vector<DramPage> pages;      ///< written ones, in the order of the snapshots
  std::vector<Snapshot> snapshots;  ///< by cycle

  /// The last one at or before `cycle`; null if there is none.
  const Snapshot* before(Cycle cycle) const;
};

/// The logs as they were at `snapshot`, which is of `set`.
core::RunLog log_at(const SnapshotSet& set, const Snapshot& snapshot);
/// Puts into `dram`, which holds what the run began with, what it had written at `snapshot`.
void restore_dram(const SnapshotSet& set, const Snapshot& snapshot, platform::DramImage& dram);

/// Writes the file whole or not at all. Returns whether it did: nothing depends on it but time.
bool write_snapshots(const std::filesystem::path& file, const SnapshotSet& set);
/// Nothing if there is no such file, or it is damaged or of another version.
std::optional<SnapshotSet> read_snapshots(const std::filesystem::path& file);

}  // namespace systole::engine
