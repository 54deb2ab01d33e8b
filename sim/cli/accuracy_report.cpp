// SPDX-License-Identifier: Apache-2.0
// One line, and one object, for each form.
#include "sim/cli/accuracy_report.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "sim/cli/look.h"
#include "sim/report/fidelity.h"
#include "sim/report/format.h"
#include "sim/report/report.h"
#include "sim/report/table.h"

namespace systole::cli {
namespace {

/// " +- 0.94", as many digits as the figure has.
std::string error_text(const metric::Figure& figure, double unit, int digits) {
  if (!figure.error) return "";
  return fmt::format(" +- {:.{}f}", *figure.error * unit, digits);
}

/// Digits behind the point that show a figure to a tenth of its error, or four of its own.
int digits_of(const metric::Figure& figure) {
  constexpr int kMost = 9;
  int digits = 0;
  double error = figure.error.value_or(0);
  if (error <= 0) error = std::abs(figure.value) / 100;
  for (; error > 0 && error < 10 && digits < kMost; error *= 10) ++digits;
  return error > 0 ? digits : 4;
}

nlohmann::ordered_json json_of(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

AccuracyReport::AccuracyReport(const JsonOption& json, const MetricChoice& choice,
                               const data::Dataset& data,
                               const std::vector<metric::Output>& outputs)
    : json_(json),
      say_(json.is_alone(), !json.target.empty()),
      choice_(choice),
      data_(data),
      command_(choice.command, choice.groups, data, outputs) {}

void AccuracyReport::headline(const arch::ArchConfig& arch, const std::string& network,
                              const std::string& data) {
  say_(report::headline(arch, "quantised graph, equal to the hardware to the byte"));
  result_ = {{"schema", "systole.accuracy"},
             {"schema_version", 1},
             {"network", report::printable(network)},
             {"data", report::printable(data)},
             {"architecture", report::printable(arch.name)},
             {"metric", choice_.name()},
             {"forms", nlohmann::ordered_json::array()}};
}

metric::Figure AccuracyReport::figure(const Measured& measured) const {
  if (measured.replicates) return metric::figure_of(*measured.replicates);
  return metric::figure_of(choice_.metric, measured.scores);
}

metric::Figure AccuracyReport::figure_of_change(const Measured& before,
                                                const Measured& after) const {
  if (after.replicates) return metric::change_of(*before.replicates, *after.replicates);
  return metric::change_of(choice_.metric, before.scores, after.scores);
}

std::string AccuracyReport::counted(const Measured& measured) const {
  if (measured.scores.empty() || choice_.needs_float32())
    return fmt::format("{} items", measured.items);
  metric::Score sum{0, 0};
  for (const metric::Score& score : measured.scores) {
    sum.value += score.value;
    sum.weight += score.weight;
  }
  if (choice_.metric == metric::Metric::kPerplexity)
    return fmt::format("{:.0f} tokens", sum.weight);
  return fmt::format("{:.0f} of {:.0f}{}", sum.value, sum.weight,
                     choice_.metric == metric::Metric::kToken ? " tokens" : "");
}

void AccuracyReport::take(Measured& to, size_t item, std::vector<std::vector<float>> outputs,
                          const std::vector<float>* exact) const {
  const std::vector<float>& first = outputs.at(0);
  ++to.items;
  if (exact != nullptr) to.noise.push_back(metric::score(metric::Metric::kSnr, *exact, first));
  if (!choice_.command.empty()) {
    to.outputs.push_back(std::move(outputs));
  } else if (!choice_.needs_float32()) {
    if (item == 0) metric::check_output(choice_.metric, data_, first);
    to.scores.push_back(metric::score(choice_.metric, data_, item, first));
  } else if (exact != nullptr) {
    to.scores.push_back(metric::score(choice_.metric, *exact, first));
  }
}

void AccuracyReport::form(const std::string& name, Measured& measured) {
  if (!choice_.command.empty()) {
    measured.replicates = command_.measure(name, measured.outputs);
  } else if (measured.scores.empty()) {
    return;
  }
  const metric::Figure figure = this->figure(measured);
  const bool share = choice_.is_share();
  const bool decibels = choice_.command.empty() && choice_.metric == metric::Metric::kSnr;
  const int digits = share ? 2 : digits_of(figure);
  say_(fmt::format("{:<9} {} {:.{}f}{}{}  ({}) in {:.1f} s\n", name, choice_.name(),
                   figure.value * (share ? 100 : 1), digits,
                   share      ? " %"
                   : decibels ? " dB"
                              : "",
                   error_text(figure, share ? 100 : 1, digits), counted(measured),
                   measured.seconds));
  nlohmann::ordered_json row = {
      {"form", name}, {"value", figure.value}, {"value_error", json_of(figure.error)}};
  if (choice_.is_top1()) {
    row["top1"] = figure.value;
    row["top1_error"] = json_of(figure.error);
    size_t right = 0;
    for (const metric::Score& score : measured.scores) right += static_cast<size_t>(score.value);
    row["right"] = right;
  }
  row["items"] = measured.items;
  row["seconds"] = measured.seconds;
  result_["forms"].push_back(std::move(row));
}

void AccuracyReport::change(const std::string& name, const Measured& before,
                            const Measured& quantised) {
  const metric::Figure noise = metric::decibels_of(quantised.noise);
  result_["sqnr_db"] = noise.value;
  result_["sqnr_db_error"] = json_of(noise.error);
  // A distance from float32 is its own change.
  if (choice_.needs_float32()) return;
  const metric::Figure change = figure_of_change(before, quantised);
  const bool share = choice_.is_share();
  const int digits = share ? 2 : digits_of(change);
  say_(fmt::format("{:<9} {:+.{}f}{}{}, SQNR {:.1f} dB\n", name + " is",
                   change.value * (share ? 100 : 1), digits, share ? " points" : "",
                   error_text(change, share ? 100 : 1, digits), noise.value));
  result_["change"] = change.value;
  result_["change_error"] = json_of(change.error);
  if (!choice_.is_top1()) return;
  result_["top1_change"] = change.value;
  result_["top1_change_error"] = json_of(change.error);
}

void AccuracyReport::layers(const fidelity::NetworkFidelity& network) {
  say_("\n" + shown_table(report::fidelity_table(network, out_width())));
  result_["layers"] = report::fidelity_json(network);
}

}  // namespace systole::cli
