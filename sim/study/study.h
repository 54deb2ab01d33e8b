// SPDX-License-Identifier: Apache-2.0
// The table precision x pruning of one network on one architecture (docs/study.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/store.h"
#include "sim/study/conditions.h"
#include "sim/study/judge.h"
#include "sim/study/variant.h"

namespace systole::study {

/// A warning, and how many variants have it.
struct StudyWarning {
  std::string text;
  size_t variants = 0;
};

struct Study {
  std::vector<StudyVariant> variants;
  std::vector<StudyRow> rows;             ///< of each variant one for each batch, batches slowest
  std::optional<uint64_t> float32_right;  ///< of the first network; none: no data, or it has none
  std::vector<StudyWarning> warnings;
};

/// What sees a study come.
struct StudyWatch {
  std::function<void(size_t done, size_t total)> points;  ///< as far as they are known
  /// Rows in their order, each as soon as it and those before it are there; without what depends
  /// on all of them: `front` and the break-even.
  std::function<void(const Study& study, size_t row)> row;
};

/// Runs as points of a sweep into `store`, at most `jobs` at once, what it does not have. The
/// result is the same whatever `jobs` is. Throws Error.
Study run_study(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
                results::Store& store, int jobs, const StudyWatch& watch);

}  // namespace systole::study
