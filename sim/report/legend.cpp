// SPDX-License-Identifier: Apache-2.0
// Collects what is shown and looks its meaning up.
#include "sim/report/legend.h"

#include <fmt/format.h>

#include <array>

#include "model/isa/meanings.h"
#include "model/isa/units.h"

namespace systole::report {
namespace {

using Shown = std::array<bool, isa::kCauses>;

void show(const UnitCycles& units, Shown& shown) {
  for (const CauseCycles& causes : units)
    for (size_t c = 0; c < causes.size(); ++c) shown[c] = shown[c] || causes[c] > 0;
}

std::string row(const std::string& name, const std::string& meaning) {
  return fmt::format("{:<12} {}\n", name, meaning);
}

}  // namespace

std::string legend(const Report& report, bool explained, const std::string& layer) {
  Shown shown{};
  for (const LayerReport& one : report.layers) {
    if (one.stall.cycles > 0) shown[static_cast<size_t>(one.stall.cause)] = true;
    if (explained && (layer.empty() || one.name == layer)) show(one.units, shown);
  }
  if (layer.empty()) show(report.units, shown);
  std::string text = "unit\n";
  for (const isa::Unit unit : isa::kEveryUnit)
    text += row(isa::unit_name(unit), isa::unit_meaning(unit));
  text += "cause        of a unit's cycles\n";
  for (size_t c = 0; c < shown.size(); ++c)
    if (const auto cause = static_cast<isa::Cause>(c); shown[c])
      text += row(isa::cause_name(cause), isa::cause_meaning(cause));
  if (explained)
    text += row("work", "Cycles at work beyond the bound: more rows or bytes than it counts.");
  return text;
}

}  // namespace systole::report
