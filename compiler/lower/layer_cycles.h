// SPDX-License-Identifier: Apache-2.0
// The cycles of a program, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "compiler/lower/judge.h"
#include "compiler/lower/layer.h"

namespace systole::lower {

/// Cycles of each layer, divided as the report divides those of a run (cycle_owners), of a verdict
/// with its log.
std::vector<Cycle> layer_cycles(const std::vector<Layer>& layers, const Verdict& verdict);

/// One line a layer, and their sum, for --dump-ir.
std::string to_text(const std::vector<Layer>& layers, const std::vector<Cycle>& cycles);

}  // namespace systole::lower
