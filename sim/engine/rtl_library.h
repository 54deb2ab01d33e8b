// SPDX-License-Identifier: Apache-2.0
// A verilated core's shared library, loaded.
#pragma once

#include <filesystem>

#include "sim/verilated/rtl_api.h"

namespace systole::engine {

/// Loads `path` and keeps it loaded for the life of the process: verilated code may have registered
/// destructors that run at exit. As long the file has a shared lock, by which others see that it is
/// in use. Null if the file is not there any more. Throws Error if it is no such library.
const verilated::RtlApi* load_rtl_library(const std::filesystem::path& path);

}  // namespace systole::engine
