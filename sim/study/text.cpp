// SPDX-License-Identifier: Apache-2.0
// Rows for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

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

std::string figures_text(const StudyRow& row, const StudyRow& first) {
  const StudyFigures& f = row.run.figures;
  const bool comparable = first.run.failure.empty();
  const std::string faster =
      comparable ? fmt::format("{:.2f}", f.inferences_per_s / first.run.figures.inferences_per_s)
                 : "-";
  std::string text = fmt::format(
      "{:>13} {:>9.4g} {:>9} {:>6} {:>9} {:>9} {:>10} {:>6.2f} {:>6.1f} % {:>6.1f} % {:>9} "
      "{:>7.4g} "
      "{:>10}",
      report::with_commas(f.cycles), f.latency_ms, number_text(f.inferences_per_s), faster,
      number_text(f.inferences_per_s_mm2()), number_text(f.inferences_per_s_w()),
      report::bytes_text(f.dram_bytes), f.gb_per_s, 100 * f.share_of_peak, 100 * f.mac_utilisation,
      number_text(f.energy_per_inference_uj), f.area_mm2, report::bytes_text(f.weight_bytes));
  if (row.top1) text += fmt::format(" {:>6.2f} +- {:.2f} %", *row.top1, row.top1_error);
  return text + (row.unusable ? "  unusable" : "");
}

std::string header(bool accuracy) {
  return fmt::format(
             "{:>13} {:>9} {:>9} {:>6} {:>9} {:>9} {:>10} {:>6} {:>8} {:>8} {:>9} {:>7} {:>10}",
             "cycles", "ms", "inf/s", "faster", "/mm2", "/W", "DRAM", "GB/s", "of peak", "util",
             "uJ/inf", "mm2", "weights") +
         (accuracy ? fmt::format(" {:>16}", "top-1") : "");
}

/// "0, 1, 6", or "none".
std::string front_of(const Study& study, int64_t batch) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < study.rows.size(); ++i)
    if (study.rows[i].front && study.rows[i].batch == batch) rows.push_back(i);
  return rows.empty() ? "none" : fmt::format("rows {}", fmt::join(rows, ", "));
}

}  // namespace

StudyText::StudyText(const std::vector<StudyVariant>& variants, const StudyConditions& conditions)
    : variants_(variants), conditions_(conditions), precision_width_(9), subject_width_(7) {
  for (const StudyVariant& variant : variants) {
    precision_width_ = std::max(precision_width_, precision_text(variant, "w1a1").size());
    subject_width_ = std::max(subject_width_, subject(variants, variant).size());
  }
  precision_width_ = std::min(precision_width_, kLongestName);
  subject_width_ = std::min(subject_width_, kLongestName);
}

std::string StudyText::line(const std::string& number, const std::string& precision,
                            const std::string& subject, const std::string& figures) const {
  return fmt::format("{:>{}}  {:<{}}  {:<{}} {}\n", number, kNumberWidth,
                     report::fit(precision, precision_width_), precision_width_,
                     report::fit(subject, subject_width_), subject_width_, figures);
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
  const StudyVariant& variant = variants_[row.variant];
  std::string text;
  if (index == first)
    text = fmt::format("\nbatch {}\n", row.batch) +
           line("row", "precision", "pruning", header(conditions_.images > 0));
  text += line(std::to_string(index), precision_text(variant, row.run.figures.widths),
               subject(variants_, variant),
               row.run.failure.empty() ? figures_text(row, study.rows[first])
                                       : " cannot run: " + report::printable(row.run.failure));
  const std::string indent(kNumberWidth + 2, ' ');
  if (!row.changes.empty()) text += fmt::format("{}on {}\n", indent, fmt::join(row.changes, " "));
  return row.why.empty() ? text : text + indent + row.why + "\n";
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
    const StudyVariant& variant = variants_[row.variant];
    text += line(std::to_string(i), precision_text(variant, row.run.figures.widths),
                 subject(variants_, variant),
                 (conditions_.batches.size() > 1 && range.axis != BreakEvenAxis::kBatch
                      ? fmt::format("batch {}: ", row.batch)
                      : "") +
                     break_even_text(*row.break_even, range));
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
