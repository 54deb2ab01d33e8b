// SPDX-License-Identifier: Apache-2.0
// Loads that pack windows of rows into lanes.
#pragma once

#include "compiler/lower/plan.h"
#include "compiler/lower/tile_ir.h"
#include "compiler/lower/views.h"

namespace systole::lower {

/// Appends the load_windows that write the windows of `tile`'s columns to `view`: for the input
/// rows of `rows`, or for the packs of them where the plan packs rows together.
void append_load_window(TileProgram& program, const Layer& layer, const Plan& plan,
                        const DramTensor& tensor, const Tile& tile, const Span& rows,
                        const View& view, const arch::Geometry& geometry);

}  // namespace systole::lower
