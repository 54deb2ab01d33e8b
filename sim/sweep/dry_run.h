// SPDX-License-Identifier: Apache-2.0
// What a sweep would do, told without doing it.
#pragma once

#include <string>
#include <unordered_set>

#include "sim/sweep/spec.h"
#include "sim/sweep/time_estimate.h"

namespace systole::sweep {

/// How many points there are, and how many each part of `where` drops.
std::string dry_run_text(const SweepSpec& spec);

/// How many of them are different, how many of these stand in `known` (identities), and how many
/// are to be run, which go to `estimator`. Throws Error for files that cannot be read.
std::string known_text(const SweepSpec& spec, const std::unordered_set<std::string>& known,
                       TimeEstimator& estimator);

}  // namespace systole::sweep
