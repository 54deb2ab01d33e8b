// SPDX-License-Identifier: Apache-2.0
// What a network takes at least, before anything is planned.
#pragma once

#include <cstdint>

#include "compiler/lower/layer.h"
#include "model/arch/arch.h"

namespace systole::lower {

struct LeastWork {
  int64_t mxu = 0, vpu = 0;  ///< cycles of the units
  int64_t bytes = 0;         ///< through DRAM
};

/// No program for `graph` takes less than this in any respect; its own bounds may be higher, as it
/// is not known here which zeros are left out. Throws Error (cannot compile).
LeastWork least_work(const graph::QGraph& graph, const arch::ArchConfig& arch);

/// Of the weights of `layer` those that are not 0, and their bytes: they are stored in any format.
int64_t nonzero_weights(const Layer& layer);
int64_t nonzero_bytes(const Layer& layer);

/// The least cycles of the array for `layer` without `zeros` of its weights, in tiles of zeros that
/// are left out.
int64_t bound_without_holes(const Layer& layer, int64_t zeros, const arch::Geometry& geometry);

}  // namespace systole::lower
