// SPDX-License-Identifier: Apache-2.0
// The table precision x pruning of one network on one architecture (docs/study.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/study/judge.h"
#include "sim/study/measure.h"
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

/// Measures each variant in a process of its own, at most `jobs` at once. `done` is called as each
/// ends. The result is the same whatever `jobs` is. Throws Error if the data cannot be classified.
Study run_study(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
                int jobs, const std::function<void()>& done);

}  // namespace systole::study
