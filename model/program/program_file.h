// SPDX-License-Identifier: Apache-2.0
// A program file as bytes, for whoever puts it somewhere else than Program::save does.
#pragma once

#include <string>

#include "model/program/program.h"

namespace systole::program {

/// What Program::save writes. Throws Error if `program` is none.
std::string program_bytes(const Program& program);

}  // namespace systole::program
