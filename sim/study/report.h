// SPDX-License-Identifier: Apache-2.0
// A study as text, JSON (docs/study.schema.json) and CSV.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/report/columns.h"
#include "sim/study/study.h"

namespace systole::study {

/// Version of the JSON layout; a change that breaks readers raises it.
inline constexpr int kStudySchemaVersion = 1;

/// The text of a study piece by piece, as its rows come.
class StudyText {
 public:
  /// `width`: of the terminal that it is for (columns.h); 0: all columns.
  StudyText(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
            size_t width = 0);

  /// What it is about, before all rows.
  std::string head() const;
  /// A row and its sentence, below the heads of columns where a batch begins.
  std::string row(const Study& study, size_t row) const;
  /// What is known when all rows are there: fronts, break-even, float32.
  std::string foot(const Study& study) const;

 private:
  /// Number, precision and pruning of the row, which tables begin with.
  std::vector<std::string> names(const Study& study, size_t row) const;
  /// A sentence below a row.
  std::string below(const std::string& sentence) const;
  std::string break_even(const Study& study) const;

  const std::vector<StudyVariant>& variants_;
  const StudyConditions& conditions_;
  const size_t width_;
  const report::Table table_, break_evens_;
};

nlohmann::ordered_json study_json(const Study& study, const StudyConditions& conditions);

/// A line for each row, below a header. Fields of a row that failed, and of accuracy without data,
/// are empty.
std::string study_csv(const Study& study);

}  // namespace systole::study
