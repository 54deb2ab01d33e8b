// SPDX-License-Identifier: Apache-2.0
// Every command that a `ddr` memory got in a run, as a file (docs/traces.md).
#pragma once

#include <filesystem>
#include <vector>

#include "sim/trace/traced_run.h"

namespace systole::trace {

/// One file in picoseconds with all channels; or a file a channel in its clocks, as DRAMPower reads
/// it.
enum class DramCommandsFormat { kCsv, kDrampower };

/// A file that is written under another name than users gave it.
struct NamedFile {
  std::filesystem::path file, named;
};

/// The files that write_dram_commands takes for a memory of so many channels.
inline size_t dram_command_files(DramCommandsFormat format, const arch::MemoryConfig& memory) {
  return format == DramCommandsFormat::kCsv ? 1 : static_cast<size_t>(memory.ddr.channels);
}

/// `run.arch` has a `ddr` memory. Throws Error.
void write_dram_commands(const TracedRun& run, DramCommandsFormat format,
                         const std::vector<NamedFile>& files);

}  // namespace systole::trace
