// SPDX-License-Identifier: Apache-2.0
// Variants to points of sweeps, their rows to rows of the study.
#include "sim/study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/quant/calibration_steps.h"
#include "model/base/error.h"
#include "sim/energy/area.h"
#include "sim/study/why.h"
#include "sim/sweep/row.h"
#include "sim/sweep/sweep.h"

namespace systole::study {
namespace {

using Row = nlohmann::ordered_json;

/// `set` without overrides of `keys`.
std::vector<std::string> without(std::vector<std::string> set,
                                 const std::vector<std::string>& keys) {
  std::erase_if(set, [&](const std::string& assignment) {
    return std::find(keys.begin(), keys.end(), assignment.substr(0, assignment.find('='))) !=
           keys.end();
  });
  return set;
}

class Runner {
 public:
  Runner(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
         results::Store& store, int jobs, const StudyWatch& watch)
      : conditions_(conditions), store_(store), watch_(watch) {
    options_.jobs = jobs;
    study_.variants = variants;
    for (const int64_t batch : conditions.batches)
      for (size_t v = 0; v < variants.size(); ++v) {
        StudyRow& row = study_.rows.emplace_back();
        row.variant = v;
        row.batch = batch;
      }
  }

  Study run() {
    if (conditions_.hardware != Hardware::kGiven) find_machines();
    run_rows();
    judge(study_.rows);
    if (conditions_.break_even) find_break_evens();
    return std::move(study_);
  }

 private:
  size_t first_of(size_t row) const {
    return row / study_.variants.size() * study_.variants.size();
  }
  const StudyVariant& variant_of(size_t row) const {
    return study_.variants[study_.rows[row].variant];
  }

  /// Row `index` on its machine; `classified`: with its data.
  sweep::SweepPoint point_of(size_t index, bool classified) const {
    const StudyVariant& variant = variant_of(index);
    sweep::SweepPoint point = conditions_.point;
    point.network = variant.network.file.filename().string();
    point.file = variant.network.file;
    point.widths = variant.precision.policy.widths;
    point.precision = variant.precision.file;
    point.prune = variant.pruning.name;
    point.batch = study_.rows[index].batch;
    const auto& changes = study_.rows[index].changes;
    point.set.insert(point.set.end(), changes.begin(), changes.end());
    if (!classified) {
      point.data.clear();
      point.calib.clear();
    }
    if (!variant.network.calibrated) point.calib.clear();
    point.bias_correction &= !variant.network.own_widths;
    if (variant.network.own_widths)  // nothing is rounded, so no step is to be done before
      point.calib_method = quant::parse_way("calib_method", point.calib_method).method;
    return point;
  }

  /// `see`: each row as it comes, with the number of its point.
  std::vector<Row> sweep(std::vector<sweep::SweepPoint> points,
                         const std::function<void(size_t, const Row&)>& see = {}) {
    sweep::SweepSpec spec;
    spec.points = std::move(points);
    total_ += spec.points.size();
    tell_points();
    return sweep::run_sweep(
               spec, options_, store_,
               [&](const Row& row, bool) {
                 ++done_;
                 tell_points();
                 if (see) see(row.at("point").get<size_t>(), row);
               },
               cache_)
        .points;
  }

  void tell_points() const {
    if (watch_.points) watch_.points(done_, total_);
  }

  isa::HwParams machine_of(size_t row) const {
    return machines_.empty() ? conditions_.arch.hw : machines_[row];
  }

  /// What each row uses of the given machine, and the machine that has that alone.
  void find_machines() {
    std::vector<sweep::SweepPoint> points;
    for (size_t i = 0; i < study_.rows.size(); ++i) points.push_back(point_of(i, false));
    const std::vector<Row> rows = sweep(std::move(points));
    machines_.assign(rows.size(), conditions_.arch.hw);
    for (size_t i = 0; i < rows.size(); ++i)
      if (const StudyRun run = run_of(rows[i]); run.failure.empty())
        machines_[i] = minimal_hardware(conditions_.arch.hw, run.figures);
    const isa::HwParams first = machines_[0];
    const double mm2 = energy::estimate_area(conditions_.table, first).total_mm2();
    for (size_t i = 0; i < rows.size(); ++i) {
      if (conditions_.hardware == Hardware::kIsoArea && machines_[i] != first) scale(i, mm2);
      study_.rows[i].changes = changes_of(conditions_.arch.hw, machines_[i]);
    }
  }

  void scale(size_t row, double mm2) {
    if (const auto made = scaled_to_area(machines_[row], mm2, conditions_.table))
      machines_[row] = *made;
    else
      study_.rows[row].run.failure =
          fmt::format("no array with its buffer has {:.4g} mm2 with the options it needs", mm2);
  }

  void run_rows() {
    std::vector<sweep::SweepPoint> points;
    std::vector<size_t> numbers;
    for (size_t i = 0; i < study_.rows.size(); ++i) {
      if (!study_.rows[i].run.failure.empty()) continue;
      points.push_back(point_of(i, true));
      numbers.push_back(i);
    }
    std::vector<bool> there(study_.rows.size(), true);
    for (const size_t i : numbers) there[i] = false;
    size_t shown = 0;
    sweep(std::move(points), [&](size_t point, const Row& row) {
      take(numbers[point], row);
      there[numbers[point]] = true;
      for (; shown < there.size() && there[shown]; ++shown) finish(shown);
    });
    for (; shown < there.size(); ++shown) finish(shown);
  }

  void take(size_t index, const Row& made) {
    StudyRow& row = study_.rows[index];
    row.run = run_of(made);
    add_warnings(row.variant, made);
    if (!row.run.failure.empty() || !made.contains("top1")) return;
    row.chance = 100.0 / static_cast<double>(variant_of(index).network.classes);
    row.top1 = made.at("top1").get<double>();
    row.top1_error = made.at("top1_error").get<double>();
    row.unusable = is_unusable(row);
  }

  /// Those before it are there.
  void finish(size_t index) {
    StudyRow& row = study_.rows[index];
    const StudyRow& first = study_.rows[first_of(index)];
    if (row.run.failure.empty() && first.run.failure.empty())
      row.why =
          &row == &first ? why_first(row.run.figures) : why(row.run.figures, first.run.figures);
    if (watch_.row) watch_.row(study_, index);
  }

  void add_warnings(size_t variant, const Row& made) {
    if (!made.contains("warnings")) return;
    for (const Row& warning : made.at("warnings")) {
      const auto text = warning.get<std::string>();
      if (text == sweep::kClockWarning) continue;  // told of the architecture
      const auto known = std::find_if(warned_.begin(), warned_.end(),
                                      [&](const auto& one) { return one.first == text; });
      if (known == warned_.end())
        warned_.push_back({text, {variant}});
      else
        known->second.insert(variant);
    }
    study_.warnings.clear();
    for (const auto& [text, variants] : warned_) study_.warnings.push_back({text, variants.size()});
  }

  /// The rows that are held against the first one of their batch; of batches, as that is the axis,
  /// those of the first one alone.
  std::vector<size_t> compared() const {
    const bool one_batch = *conditions_.break_even == BreakEvenAxis::kBatch;
    std::vector<size_t> rows;
    for (size_t i = 0; i < study_.rows.size(); ++i) {
      const size_t first = first_of(i);
      if (i != first && study_.rows[i].run.failure.empty() &&
          study_.rows[first].run.failure.empty() && (first == 0 || !one_batch))
        rows.push_back(i);
    }
    return rows;
  }

  void find_break_evens() {
    const BreakEvenRange range = conditions_.range();
    const std::vector<size_t> rows = compared();
    const auto found =
        find_break_even(rows.size(), range, [&](const std::vector<BreakEvenQuestion>& questions) {
          return answer(rows, range.axis, questions);
        });
    for (size_t i = 0; i < rows.size(); ++i) {
      StudyRow& row = study_.rows[rows[i]];
      row.break_even = found[i];
      row.why += "; " + break_even_text(found[i], range);
    }
  }

  std::vector<BreakEvenAnswer> answer(const std::vector<size_t>& rows, BreakEvenAxis axis,
                                      const std::vector<BreakEvenQuestion>& questions) {
    std::vector<sweep::SweepPoint> points;
    std::vector<BreakEvenAnswer> answers(questions.size());
    std::vector<std::pair<size_t, bool>> asked;  // question, whether it is of the first row
    for (size_t i = 0; i < questions.size(); ++i)
      for (const bool first : {false, true}) {
        const size_t row = rows[questions[i].row];
        if (auto point = point_at(first ? first_of(row) : row, axis, questions[i].value)) {
          points.push_back(std::move(*point));
          asked.emplace_back(i, first);
        } else {
          answers[i].failure =
              fmt::format("no array with its buffer has {:.4g} mm2", questions[i].value);
        }
      }
    const std::vector<Row> made = sweep(std::move(points));
    for (size_t k = 0; k < made.size(); ++k) {
      const auto& [question, first] = asked[k];
      const StudyRun run = run_of(made[k]);
      if (!run.failure.empty())
        answers[question].failure = run.failure;
      else
        (first ? answers[question].first_cost : answers[question].cost) = cost_of(run.figures);
    }
    return answers;
  }

  /// Time of an inference, of machines of different areas times that.
  double cost_of(const StudyFigures& figures) const {
    return (conditions_.hardware == Hardware::kMinimal ? figures.area_mm2 : 1) /
           figures.inferences_per_s;
  }

  std::optional<sweep::SweepPoint> point_at(size_t row, BreakEvenAxis axis, double value) const {
    sweep::SweepPoint point = point_of(row, false);
    if (axis == BreakEvenAxis::kBatch) {
      point.batch = static_cast<int64_t>(value);
    } else if (axis == BreakEvenAxis::kBandwidth) {
      point.set = without(point.set, {"memory.bytes_per_cycle", "memory.gb_per_s"});
      point.set.push_back(fmt::format("memory.gb_per_s={:.4g}", value));
    } else {
      const auto made = scaled_to_area(machine_of(row), value, conditions_.table);
      if (!made) return std::nullopt;
      for (std::string& change : changes_of(machine_of(row), *made))
        point.set.push_back(std::move(change));
    }
    return point;
  }

  const StudyConditions& conditions_;
  results::Store& store_;
  const StudyWatch& watch_;
  sweep::SweepOptions options_;
  sweep::SweepCache cache_;
  Study study_;
  std::vector<isa::HwParams> machines_;  ///< by row; empty: the given one for all
  std::vector<std::pair<std::string, std::set<size_t>>> warned_;
  size_t done_ = 0, total_ = 0;
};

}  // namespace

Study run_study(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
                results::Store& store, int jobs, const StudyWatch& watch) {
  return Runner(variants, conditions, store, jobs, watch).run();
}

}  // namespace systole::study
