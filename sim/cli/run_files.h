// SPDX-License-Identifier: Apache-2.0
// The files that `run -o` writes, of this run and of an earlier one.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/output.h"
#include "sim/session/network_run.h"

namespace systole::cli {

inline constexpr const char* kResultFile = "result.json";
inline constexpr const char* kLayersFile = "layers.csv";
inline constexpr const char* kOverTimeFile = "over_time.json";
inline constexpr const char* kProgramFile = "program.sysb";
inline constexpr const char* kWavesFile = "waves.fst";

/// The waveform of stage `index` of `compiled`.
std::string waves_name(const session::CompiledNetwork& compiled, size_t index);
/// Where the waveforms are to go, by stage.
std::vector<std::string> wave_files(const OutputDirectory& directory,
                                    const session::CompiledNetwork& compiled);
/// Throws Error if a file of the run could not be put where it belongs. `functional`: it has
/// outputs.
void check_files(const OutputDirectory& directory, const session::CompiledNetwork& compiled,
                 bool functional);
/// All but the waveforms and the result itself.
void write_files(const OutputDirectory& directory, const session::CompiledNetwork& compiled,
                 const arch::ArchConfig& arch, const session::NetworkRun& run);

/// The same of the reports of SCALE-Sim: throws Error if one could not be put there.
void check_scale_sim_files(const OutputDirectory& directory);
/// Those of a run of a topology, if it finished.
void write_scale_sim_files(const OutputDirectory& directory,
                           const session::CompiledNetwork& compiled,
                           const session::NetworkRun& run);

/// A name for the files of each tensor, all different: characters beyond ASCII stay as they are
/// (UTF-8), of ASCII what is no letter, digit, '-' or '_' becomes '_', so do control characters and
/// bytes that are no UTF-8; a long name is cut between characters; a later one that would be equal
/// to an earlier one gets a number.
std::vector<std::string> tensor_file_names(const std::vector<std::string>& tensors);

/// The files beside the result.json in `directory` that the run which wrote it has put there; none
/// where there is no result of a run. Names without a path.
std::vector<std::string> files_of_earlier_run(const std::filesystem::path& directory);

/// Writes the result into `directory`, whose files are put in place, and to `file` ("-": standard
/// output), if there are any. Files of an earlier run that this one has not do not stay.
void write_result(const std::filesystem::path& file, std::optional<OutputDirectory>& directory,
                  nlohmann::ordered_json& result);

}  // namespace systole::cli
