// SPDX-License-Identifier: Apache-2.0
// A study as text, JSON (docs/study.schema.json) and CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/study/study.h"

namespace systole::study {

/// Version of the JSON layout; a change that breaks readers raises it.
inline constexpr int kStudySchemaVersion = 1;

/// Tables, one for each batch.
std::string study_text(const Study& study, const StudyConditions& conditions);

nlohmann::ordered_json study_json(const Study& study, const StudyConditions& conditions);

/// A line for each row, below a header. Fields of a row that failed, and of accuracy without data,
/// are empty.
std::string study_csv(const Study& study, const StudyConditions& conditions);

}  // namespace systole::study
