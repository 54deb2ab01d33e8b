// SPDX-License-Identifier: Apache-2.0
// The most memory that this process had, and less of it.
#pragma once

#include <cstdint>

namespace systole::process {

/// From here on it is counted anew, where the system can (Linux's /proc/self/clear_refs).
void begin_peak();

/// The most that this process had in memory since begin_peak(), or one of its own processes ever.
int64_t peak_kib();

/// Gives back to the system what was freed: for processes that go on after they needed much.
void give_back_memory();

}  // namespace systole::process
