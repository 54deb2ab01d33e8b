// SPDX-License-Identifier: Apache-2.0
// The compiler's own estimate of a program's cycles, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "compiler/lower/layer.h"
#include "compiler/lower/rehearsal.h"

namespace systole::lower {

/// Estimated cycles of each layer, divided as the report divides those of a run (cycle_owners).
std::vector<double> estimate_layers(const std::vector<Layer>& layers, const TileProgram& program,
                                    const RehearsalResult& rehearsal);

/// One line a layer, and their sum, for --dump-ir.
std::string to_text(const std::vector<Layer>& layers, const std::vector<double>& cycles);

}  // namespace systole::lower
