// SPDX-License-Identifier: Apache-2.0
// What made a result: command, options, network, version, moment; all else in a result is a pure
// function of these.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sim/report/report.h"

namespace systole::report {

/// The section "provenance" of a result (docs/metrics.md): this process's command line, the
/// SHA-256 of `network`'s file, the version, the date in UTC, and the time that simulating took.
/// Throws Error if `network` cannot be read.
nlohmann::ordered_json provenance_json(const std::filesystem::path& network, const Report& report);

/// SHA-256 (FIPS 180-4) of a file, in hexadecimal digits. Throws Error if it cannot be read.
std::string sha256_of_file(const std::filesystem::path& file);
/// The same of `text`.
std::string sha256_of(std::string_view text);

}  // namespace systole::report
