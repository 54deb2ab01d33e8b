// SPDX-License-Identifier: Apache-2.0
// The option --dump-tensors of `run`: every value of the quantised network as files.
#pragma once

#include <filesystem>

#include "compiler/data/dataset.h"
#include "compiler/pipeline/plan.h"
#include "sim/cli/output.h"

namespace systole::cli {

inline constexpr const char* kTensorsFile = "tensors.json";

/// Writes what a batch of `data` makes of every tensor of the accelerator's stages, and of the
/// outputs, as the bit-exact executor gives it: NAME.npy in the network's shape and as real
/// numbers, NAME.int8.npy (of sums NAME.int32.npy) as stored, and tensors.json, which tells scale,
/// zero point and what made it. Files of an earlier dump that this one has not do not stay.
void dump_tensors(OutputDirectory& directory, const pipeline::NetworkPlan& plan,
                  const data::Dataset& data);

/// Throws Error unless `directory` can take a dump of a run of `network` that writes `output`.
void check_dump(const std::filesystem::path& directory, const std::filesystem::path& output,
                bool has_data, bool is_program);

}  // namespace systole::cli
