// SPDX-License-Identifier: Apache-2.0
// Whether a weight stream with holes or prefixes has the bytes that its instruction says.
#pragma once

#include <string>

#include "model/program/program.h"

namespace systole::golden {

/// Why the stream of `load` does not fit its bytes in the initial memory of `program`: "has 90
/// bytes, of which its tiles take 96"; empty if it does, or if it has no such stream. A mask that
/// no segment holds is not known here and passes.
std::string stream_problem(const isa::LoadWeights& load, const program::Program& program);

/// The first load_weights of `program` with a problem: "instruction 12 (load_weights): its weight
/// stream ..."; empty if there is none.
std::string first_stream_problem(const program::Program& program);

}  // namespace systole::golden
