// SPDX-License-Identifier: Apache-2.0
// Rows for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "sim/report/format.h"
#include "sim/study/report.h"

namespace systole::study {
namespace {

constexpr size_t kLongestName = 36, kNumberWidth = 3;

/// What the row is about, beside its precision: how the first network was pruned, or another one.
std::string subject(const std::vector<StudyVariant>& variants, const StudyVariant& variant) {
  const bool first = variant.network.file == variants.at(0).network.file;
  return report::printable(first ? variant.pruning.name : variant.network.file.stem().string());
}

/// "W4A8"; of a network with its own integers "own w4a4", once it is known.
std::string precision_text(const StudyVariant& variant, const std::string& widths) {
  if (!variant.network.own_widths) return report::printable(variant.precision.name);
  return fmt::format("own {}", widths);
}

/// Four digits, or all of a whole number.
std::string number_text(double value) {
  if (value < 1000) return fmt::format("{:.4g}", value);
  return report::with_commas(static_cast<uint64_t>(std::llround(value)));
}

std::vector<std::string> figures_of(const StudyRow& row, const StudyRow& first) {
  const StudyFigures& f = row.run.figures;
  const bool comparable = first.run.failure.empty();
  std::vector<std::string> cells = {
      report::with_commas(f.cycles),
      fmt::format("{:.4g}", f.latency_ms),
      number_text(f.inferences_per_s),
      comparable ? fmt::format("{:.2f}", f.inferences_per_s / first.run.figures.inferences_per_s)
                 : "-",
      number_text(f.inferences_per_s_mm2()),
      number_text(f.inferences_per_s_w()),
      report::bytes_text(f.dram_bytes),
      fmt::format("{:.2f}", f.gb_per_s),
      fmt::format("{:.1f} %", 100 * f.share_of_peak),
      fmt::format("{:.1f} %", 100 * f.mac_utilisation),
      number_text(f.energy_per_inference_uj),
      fmt::format("{:.4g}", f.area_mm2),
      report::bytes_text(f.weight_bytes)};
  const std::string unusable = row.unusable ? "  unusable" : "";
  if (row.top1)
    cells.push_back(fmt::format("{:>6.2f} +- {:.2f} %{}", *row.top1, row.top1_error, unusable));
  return cells;
}

/// The columns that every table begins with.
std::vector<report::Column> name_columns(const std::vector<StudyVariant>& variants) {
  using enum report::Column::Side;
  constexpr size_t kCut = 12;  // of a long name, where the terminal is narrow
  size_t precision = 9, pruning = 7;
  for (const StudyVariant& variant : variants) {
    precision = std::max(precision, report::columns_in(precision_text(variant, "w1a1")));
    pruning = std::max(pruning, report::columns_in(subject(variants, variant)));
  }
  return {{"row", kRight, kNumberWidth},
          {"precision", kLeft, std::min(precision, kLongestName), 0, 2},
          {"pruning", kLeft, std::min(pruning, kLongestName), 0, 2, kCut}};
}

report::Table table_of(const std::vector<StudyVariant>& variants, bool accuracy) {
  using enum report::Column::Side;
  std::vector<report::Column> columns = name_columns(variants);
  columns.insert(columns.end(), {{"cycles", kRight, 13},
                                 {"ms", kRight, 9, 3},
                                 {"inf/s", kRight, 9, 2},
                                 {"faster", kRight, 6},
                                 {"/mm2", kRight, 9, 5},
                                 {"/W", kRight, 9, 6},
                                 {"DRAM", kRight, 10, 4},
                                 {"GB/s", kRight, 6, 8},
                                 {"of peak", kRight, 8, 11},
                                 {"util", kRight, 8, 9},
                                 {"uJ/inf", kRight, 9, 1},
                                 {"mm2", kRight, 7, 10},
                                 {"weights", kRight, 10, 7}});
  if (accuracy) columns.push_back({fmt::format("{:>16}", "top-1"), kLeft, 16});
  return report::Table(columns);
}

report::Table break_evens_of(const std::vector<StudyVariant>& variants) {
  std::vector<report::Column> columns = name_columns(variants);
  columns.push_back({"", report::Column::Side::kLeft, 40});
  return report::Table(columns);
}

/// "0, 1, 6", or "none".
std::string front_of(const Study& study, int64_t batch) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < study.rows.size(); ++i)
    if (study.rows[i].front && study.rows[i].batch == batch) rows.push_back(i);
  return rows.empty() ? "none" : fmt::format("rows {}", fmt::join(rows, ", "));
}

}  // namespace

StudyText::StudyText(const std::vector<StudyVariant>& variants, const StudyConditions& conditions,
                     size_t width)
    : variants_(variants),
      conditions_(conditions),
      width_(width),
      table_(table_of(variants, conditions.images > 0)),
      break_evens_(break_evens_of(variants)) {}

std::vector<std::string> StudyText::names(const Study& study, size_t row) const {
  const StudyVariant& variant = variants_[study.rows[row].variant];
  return {std::to_string(row),
          report::fit(precision_text(variant, study.rows[row].run.figures.widths), kLongestName),
          report::fit(subject(variants_, variant), kLongestName)};
}

std::string StudyText::below(const std::string& sentence) const {
  const std::string indent(kNumberWidth + 2, ' ');
  std::istringstream words(sentence);
  std::string text = indent;
  size_t used = indent.size();
  for (std::string word; words >> word;) {
    const size_t needed = report::columns_in(word) + 1;
    if (used > indent.size() && width_ > 0 && used + needed > width_) {
      text += "\n" + indent;
      used = indent.size();
    }
    if (used > indent.size()) text += " ";
    text += word;
    used += needed;
  }
  return text + "\n";
}

std::string StudyText::head() const {
  std::string text = report::printable(variants_.at(0).network.file.stem().string());
  if (conditions_.images == 0)
    text += ": synthetic weights/timing only: without --data no accuracy is told, and no front\n";
  else
    text += fmt::format(
        ": top-1 of {} images, with its standard error; unusable: within {} points of chance\n",
        report::with_commas(conditions_.images), kPointsAboveChance);
  if (conditions_.hardware == Hardware::kMinimal)
    text += "hardware minimal: each row has the options that it uses alone\n";
  if (conditions_.hardware == Hardware::kIsoArea)
    text +=
        "hardware iso-area: each row has the options that it uses alone, array and buffer scaled "
        "to "
        "the area of the first row's machine\n";
  return text;
}

std::string StudyText::row(const Study& study, size_t index) const {
  const StudyRow& row = study.rows[index];
  const size_t first = index / variants_.size() * variants_.size();
  std::string text;
  if (index == first) text = fmt::format("\nbatch {}\n", row.batch) + table_.text(width_);
  std::vector<std::string> cells = names(study, index);
  if (row.run.failure.empty()) {
    for (std::string& cell : figures_of(row, study.rows[first])) cells.push_back(std::move(cell));
    text += table_.row(cells, width_);
  } else {
    text += table_.row(cells, width_);
    text.pop_back();
    text += "  cannot run: " + report::printable(row.run.failure) + "\n";
  }
  if (!row.changes.empty()) text += below(fmt::format("on {}", fmt::join(row.changes, " ")));
  return row.why.empty() ? text : text + below(row.why);
}

std::string StudyText::break_even(const Study& study) const {
  if (!conditions_.break_even) return "";
  const BreakEvenRange range = conditions_.range();
  std::string text = fmt::format(
      "\nbreak-even {0}: where a row has {1:.0f} % more inferences/s{2} than the first one at the "
      "same {0}\n",
      name_of(range.axis), 100 * kWins,
      conditions_.hardware == Hardware::kMinimal ? " per mm2" : "");
  for (size_t i = 0; i < study.rows.size(); ++i) {
    const StudyRow& row = study.rows[i];
    if (!row.break_even) continue;
    std::vector<std::string> cells = names(study, i);
    cells.push_back((conditions_.batches.size() > 1 && range.axis != BreakEvenAxis::kBatch
                         ? fmt::format("batch {}: ", row.batch)
                         : "") +
                    break_even_text(*row.break_even, range));
    text += break_evens_.row(cells, width_);
  }
  return text;
}

std::string StudyText::foot(const Study& study) const {
  std::string text = break_even(study);
  if (conditions_.images == 0) return text;
  text +=
      "\nfront: no other usable row of the batch is as good in latency, energy and top-1 and "
      "better "
      "in one\n";
  for (const int64_t batch : conditions_.batches)
    text += fmt::format("batch {}: {}\n", batch, front_of(study, batch));
  if (study.float32_right)
    text +=
        fmt::format("float32 top-1 {:.2f} %\n", 100.0 * static_cast<double>(*study.float32_right) /
                                                    static_cast<double>(conditions_.images));
  return text;
}

}  // namespace systole::study
