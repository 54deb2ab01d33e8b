// SPDX-License-Identifier: Apache-2.0
// A run as a timeline for Perfetto (docs/traces.md).
#pragma once

#include <filesystem>

#include "sim/trace/traced_run.h"

namespace systole::trace {

/// The cycles [from, to).
struct TimelineWindow {
  Cycle from = 0, to = kNever;
};

/// From the first start to the last end of the instructions of the layer `name`; nothing if none of
/// them has retired.
std::optional<TimelineWindow> window_of_layer(const TracedRun& run, const std::string& name);

/// Writes `file`, which errors call `named`: what happened in the cycles of `window`. Throws Error.
void write_timeline(const TracedRun& run, TimelineWindow window, const std::filesystem::path& file,
                    const std::filesystem::path& named);

}  // namespace systole::trace
