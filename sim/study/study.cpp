// SPDX-License-Identifier: Apache-2.0
// Variants to workers, measurements to rows.
#include "sim/study/study.h"

#include <algorithm>

#include "model/base/error.h"
#include "sim/process/worker_pool.h"

namespace systole::study {
namespace {

StudyMeasurement measurement_of(const process::WorkerResult& result, size_t batches) {
  if (result.ok) return nlohmann::json::parse(result.text).get<StudyMeasurement>();
  StudyMeasurement failed;
  failed.runs.assign(batches, StudyRun{{}, result.text.substr(0, result.text.find('\n'))});
  return failed;
}

void add_warnings(const StudyMeasurement& measurement, std::vector<StudyWarning>& warnings) {
  for (const std::string& text : measurement.warnings) {
    const auto known = std::find_if(warnings.begin(), warnings.end(),
                                    [&](const StudyWarning& w) { return w.text == text; });
    if (known == warnings.end())
      warnings.push_back({text, 1});
    else
      ++known->variants;
  }
}

StudyRow row_of(size_t variant, const StudyMeasurement& measurement,
                const StudyConditions& conditions, size_t batch) {
  StudyRow row;
  row.variant = variant;
  row.batch = conditions.batches[batch];
  row.widths = measurement.widths;
  row.run = measurement.runs[batch];
  if (conditions.data == nullptr || !row.run.failure.empty()) return row;
  row.chance = 100.0 / static_cast<double>(measurement.classes);
  row.top1 = 100.0 * static_cast<double>(measurement.right) /
             static_cast<double>(conditions.data->items.size());
  return row;
}

}  // namespace

Study run_study(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
                int jobs, const std::function<void()>& done) {
  Study study;
  study.variants = variants;
  std::vector<StudyMeasurement> measurements(variants.size());
  const StudyNetwork& network = variants.at(0).network;
  const bool in_float = conditions.data != nullptr && !network.own_widths;
  process::run_workers(
      variants.size() + (in_float ? 1 : 0), jobs,
      [&](size_t task) {
        if (task == variants.size())
          return std::to_string(float32_right(network, conditions.front, *conditions.data));
        return nlohmann::json(measure_variant(variants[task], conditions)).dump();
      },
      [&](size_t task, const process::WorkerResult& result) {
        if (task < variants.size()) {
          measurements[task] = measurement_of(result, conditions.batches.size());
        } else {
          if (!result.ok) throw Error(result.text);
          study.float32_right = std::stoull(result.text);
        }
        done();
      });
  for (const StudyMeasurement& measurement : measurements)
    add_warnings(measurement, study.warnings);
  for (size_t b = 0; b < conditions.batches.size(); ++b)
    for (size_t v = 0; v < variants.size(); ++v)
      study.rows.push_back(row_of(v, measurements[v], conditions, b));
  judge(study.rows);
  return study;
}

}  // namespace systole::study
