// SPDX-License-Identifier: Apache-2.0
// Points from a database of a sweep, and from study.json.
#pragma once

#include <filesystem>

#include "sim/report_page/points.h"

namespace systole::report_page {

/// All points of a database of `sweep -o` (docs/results.md), in the order of their numbers. Throws
/// Error.
Points read_database(const std::filesystem::path& file);

/// The rows of a study (docs/study.schema.json). Throws Json::exception.
Points study_points(const Json& study);

}  // namespace systole::report_page
