// SPDX-License-Identifier: Apache-2.0
// Words the causes of cycles and the distance to the bounds.
#include "sim/report/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/isa/causes.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

constexpr size_t kTermsShown = 3, kUnitWidth = 6;
constexpr std::string_view kMore = " ...";

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
                    const Distance& distance, const UnitCycles& units, size_t width) {
  return fmt::format("{}: {} cycles\nbound  {} {}; {}\n{}", title, with_commas(cycles),
                     with_commas(bounds.largest()), bounds.largest_name(), distance_text(distance),
                     unit_table(units, cycles, width));
}

/// " busy 43.4 % sem_lda 8.2 %": those that fit the rest of a line of `width`.
std::string causes_text(const std::vector<std::pair<Cycle, isa::Cause>>& causes, Cycle cycles,
                        size_t width) {
  std::string text;
  for (size_t i = 0; i < causes.size(); ++i) {
    const auto& [part, cause] = causes[i];
    const std::string share =
        fmt::format(" {} {:.1f} %", isa::cause_name(cause), percent(part, cycles));
    const size_t behind = i + 1 < causes.size() ? kMore.size() : 0;
    if (kUnitWidth + text.size() + share.size() + behind > width) return text.append(kMore);
    text += share;
  }
  return text;
}

}  // namespace

std::string unit_table(const UnitCycles& units, Cycle cycles, size_t width) {
  std::string text;
  for (int u = 0; u < isa::kUnits; ++u) {
    std::vector<std::pair<Cycle, isa::Cause>> causes;
    for (int c = 0; c < isa::kCauses; ++c)
      if (const Cycle part = units[static_cast<size_t>(u)][static_cast<size_t>(c)]; part > 0)
        causes.emplace_back(part, static_cast<isa::Cause>(c));
    std::stable_sort(causes.begin(), causes.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    text += fmt::format("{:<{}}{}\n", isa::unit_name(static_cast<isa::Unit>(u)), kUnitWidth,
                        causes_text(causes, cycles, width == 0 ? SIZE_MAX : width));
  }
  return text;
}

std::string explanation(const Report& report, const std::string& layer, size_t width) {
  std::string text;
  for (const LayerReport& one : report.layers)
    if (layer.empty() || one.name == layer)
      text += section(fmt::format("{} ({})", printable(one.name), printable(one.op)), one.cycles,
                      one.bounds, one.distance, one.units, width) +
              (layer.empty() ? "\n" : "");
  if (!layer.empty()) return text;
  return text + section("whole run", report.cycles, report.lower_bound, report.distance,
                        report.units, width);
}

}  // namespace systole::report
