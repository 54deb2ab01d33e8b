// SPDX-License-Identifier: Apache-2.0
// How the RTL is built where a command needs it: --rtl-build and --yes.
#pragma once

#include <CLI/CLI.hpp>

namespace systole::cli {

/// Both go into what must outlive `command`'s parsing. `quick`: RTL that is built sooner and
/// simulates slower. `allow_large`: arrays above 64x64 as well.
void add_rtl_build_to(CLI::App& command, bool& quick, bool& allow_large);

}  // namespace systole::cli
