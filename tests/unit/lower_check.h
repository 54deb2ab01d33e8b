// SPDX-License-Identifier: Apache-2.0
// Compiles a quantised graph and holds the program to the reference.
#pragma once

#include <string>

#include "compiler/choices/choices.h"
#include "compiler/graph/qgraph.h"
#include "model/base/seeded_random.h"
#include "model/isa/hw_params.h"
#include "sim/engine/run_process.h"

namespace systole {

/// All parameters of `hw`, to say on what a test failed.
std::string describe(const isa::HwParams& hw);

/// Compiles `graph`, checks that the program is legal, runs it on the golden executor with random
/// inputs and compares every output with the reference's. Returns the program; `dump`: its IRs;
/// `choices`: how it is compiled.
program::Program check_compiled(const graph::QGraph& graph, const isa::HwParams& hw,
                                SeededRandom& random, const std::string& where,
                                std::string* dump = nullptr, const choices::Choices& choices = {});

/// What the model says of `program` with ideal memory. Requires that it ends.
platform::RunResult run_on_model(const program::Program& program, const isa::HwParams& hw);

}  // namespace systole
