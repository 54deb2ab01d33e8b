// SPDX-License-Identifier: Apache-2.0
// Compares each row with every other one of its batch.
#include "sim/study/judge.h"

#include <algorithm>

namespace systole::study {
namespace {

bool takes_part(const StudyRow& row) { return row.top1 && !row.unusable; }

/// Whether `a` is at least as good as `b` in everything and better in something.
bool beats(const StudyRow& a, const StudyRow& b) {
  const StudyFigures &of_a = a.run.figures, &of_b = b.run.figures;
  const double energy_a = of_a.energy_per_inference_uj, energy_b = of_b.energy_per_inference_uj;
  const bool no_worse = of_a.cycles <= of_b.cycles && energy_a <= energy_b && *a.top1 >= *b.top1;
  return no_worse && (of_a.cycles < of_b.cycles || energy_a < energy_b || *a.top1 > *b.top1);
}

}  // namespace

bool is_unusable(const StudyRow& row) {
  return row.top1 && *row.top1 <= row.chance + kPointsAboveChance;
}

void judge(std::vector<StudyRow>& rows) {
  for (StudyRow& row : rows) row.unusable = is_unusable(row);
  for (StudyRow& row : rows) {
    row.front = takes_part(row) && std::none_of(rows.begin(), rows.end(), [&](const StudyRow& o) {
                  return takes_part(o) && o.batch == row.batch && beats(o, row);
                });
  }
}

}  // namespace systole::study
