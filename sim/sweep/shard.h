// SPDX-License-Identifier: Apache-2.0
// Parts of a sweep that machines run apart from each other.
#pragma once

#include <string>
#include <string_view>

#include "sim/sweep/spec.h"

namespace systole::sweep {

struct Shard {
  size_t index = 1, count = 1;  ///< index: from 1

  std::string text() const;  ///< "2/4"
};

/// "2/4". Throws Error, also if the index is outside of 1..count.
Shard parse_shard(std::string_view text);

/// The points of `spec` that `shard` has: every count-th different point, so that shards are of one
/// size and each has something of every network; duplicates go with their first. Of a workload
/// every count-th machine with all of its points, and the baseline, which every shard has. Throws
/// Error for files that cannot be read.
SweepSpec shard_of(SweepSpec spec, const Shard& shard);

}  // namespace systole::sweep
