// SPDX-License-Identifier: Apache-2.0
// Every DRAM request of a run as a file (docs/traces.md).
#pragma once

#include <filesystem>

#include "sim/trace/traced_run.h"

namespace systole::trace {

/// A line a burst with all that is known of it; or, an access a line, what other simulators play.
enum class DramTraceFormat { kCsv, kRamulator2, kDramsys };

/// Writes `file`, which errors call `named`. Throws Error.
void write_dram_trace(const TracedRun& run, DramTraceFormat format,
                      const std::filesystem::path& file, const std::filesystem::path& named);

}  // namespace systole::trace
