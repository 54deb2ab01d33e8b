// SPDX-License-Identifier: Apache-2.0
// Where the files are that the program reads beside its own: configurations, RTL, views of waves.
#pragma once

#include <filesystem>

namespace systole {

/// The folder that has `configs`, `rtl`, `sim/verilated` and `waveforms`: $SYSTOLE_DATA; of a
/// program or library in its build tree the source tree; else share/systole beside the folder that
/// the running program, or the library that holds this function, is in. Throws Error if there is
/// none.
std::filesystem::path data_folder();

}  // namespace systole
