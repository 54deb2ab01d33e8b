// SPDX-License-Identifier: Apache-2.0
// Words the causes of cycles and the distance to the bounds.
#include "sim/report/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "model/isa/causes.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

constexpr size_t kTermsShown = 3;

double percent(Cycle part, Cycle whole) {
  return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string signed_cycles(int64_t cycles) {
  return fmt::format("{}{}", cycles < 0 ? "-" : "",
                     with_commas(static_cast<uint64_t>(std::abs(cycles))));
}

std::string distance_text(const Distance& distance) {
  const auto terms = distance.terms();
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(kTermsShown, terms.size()); ++i)
    shown.push_back(fmt::format("{} {}", terms[i].name, signed_cycles(terms[i].cycles)));
  int64_t rest = 0;
  for (size_t i = shown.size(); i < terms.size(); ++i) rest += terms[i].cycles;
  if (rest != 0) shown.push_back(fmt::format("others {}", signed_cycles(rest)));
  return fmt::format("{} cycles {} it, by {}: {}",
                     with_commas(static_cast<uint64_t>(std::abs(distance.cycles))),
                     distance.cycles < 0 ? "below" : "above", isa::unit_name(distance.unit),
                     shown.empty() ? "nothing" : fmt::format("{}", fmt::join(shown, ", ")));
}

std::string section(const std::string& title, Cycle cycles, const Bounds& bounds,
                    const Distance& distance, const UnitCycles& units) {
  return fmt::format("{}: {} cycles\nbound  {} {}; {}\n{}", title, with_commas(cycles),
                     with_commas(bounds.largest()), bounds.largest_name(), distance_text(distance),
                     unit_table(units, cycles));
}

}  // namespace

std::string unit_table(const UnitCycles& units, Cycle cycles) {
  std::string text;
  for (int u = 0; u < isa::kUnits; ++u) {
    std::vector<std::pair<Cycle, isa::Cause>> causes;
    for (int c = 0; c < isa::kCauses; ++c)
      if (const Cycle part = units[static_cast<size_t>(u)][static_cast<size_t>(c)]; part > 0)
        causes.emplace_back(part, static_cast<isa::Cause>(c));
    std::stable_sort(causes.begin(), causes.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    text += fmt::format("{:<6}", isa::unit_name(static_cast<isa::Unit>(u)));
    for (const auto& [part, cause] : causes)
      text += fmt::format(" {} {:.1f} %", isa::cause_name(cause), percent(part, cycles));
    text += '\n';
  }
  return text;
}

std::string explanation(const Report& report, const std::string& layer) {
  std::string text;
  for (const LayerReport& one : report.layers)
    if (layer.empty() || one.name == layer)
      text += section(fmt::format("{} ({})", printable(one.name), printable(one.op)), one.cycles,
                      one.bounds, one.distance, one.units) +
              (layer.empty() ? "\n" : "");
  if (!layer.empty()) return text;
  return text +
         section("whole run", report.cycles, report.lower_bound, report.distance, report.units);
}

}  // namespace systole::report
