// SPDX-License-Identifier: Apache-2.0
// A program file as bytes, for whoever puts it somewhere else than Program::save does, and the
// architecture that it names.
#pragma once

#include <string>

#include "model/program/program.h"

namespace systole::program {

/// What Program::save writes, and the architecture that `program` was compiled for, as YAML; empty:
/// none is told. Throws Error if `program` is none.
std::string program_bytes(const Program& program, const std::string& architecture = "");

/// Writes those bytes through a temporary file beside `path`. Throws Error (unwritable).
void save_program(const Program& program, const std::filesystem::path& path,
                  const std::string& architecture);

/// The architecture that a program file tells, as YAML; "" if it tells none. Throws Error as
/// Program::load.
std::string architecture_of(const std::filesystem::path& path);

}  // namespace systole::program
