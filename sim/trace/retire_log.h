// SPDX-License-Identifier: Apache-2.0
// Every instruction that retired in a run, as a file (docs/traces.md).
#pragma once

#include <filesystem>
#include <vector>

#include "sim/trace/traced_run.h"

namespace systole::trace {

/// The cycle of the last beat of the burst that brought the last byte of each instruction, by
/// program counter; as many as came.
std::vector<Cycle> fetch_cycles(const TracedRun& run);

/// Writes `file`, which errors call `named`: in the order of RunResult::retired. Throws Error.
void write_retire_log(const TracedRun& run, const std::filesystem::path& file,
                      const std::filesystem::path& named);

}  // namespace systole::trace
