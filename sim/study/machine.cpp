// SPDX-License-Identifier: Apache-2.0
// Takes options away, scales what is left.
#include "sim/study/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/lower/layer.h"
#include "compiler/quant/widths.h"
#include "model/arch/geometry.h"
#include "sim/energy/area.h"

namespace systole::study {
namespace {

constexpr int kArrayStep = 4, kLargestSide = 256, kBufferSteps = 64;
constexpr double kMostStretch = 2, kMostScale = 64, kRounding = 1e-9;

/// The bits behind `letter` in "w4a8"; 8 in "int8".
int bits_in(const std::string& widths, char letter) {
  const size_t at = widths.find(letter);
  return widths == "int8" || at == std::string::npos ? 8 : widths[at + 1] - '0';
}

double elements(const isa::HwParams& hw) { return 1.0 * hw.rows * hw.cols; }

/// How much taller or wider `made` is, as a logarithm.
double stretch(const isa::HwParams& hw, const isa::HwParams& made) {
  return std::abs(std::log(1.0 * made.rows * hw.cols / (1.0 * made.cols * hw.rows)));
}

double area_of(const isa::HwParams& hw, const energy::EnergyTable& table) {
  return energy::estimate_area(table, hw).total_mm2();
}

/// Whether narrow operands that `hw` was built for are still built.
bool keeps_widths(const isa::HwParams& hw, const isa::HwParams& made) {
  return quant::narrowest_widths(made) == quant::narrowest_widths(hw);
}

/// Array and buffer times `scale`, whatever steps they have.
isa::HwParams scaled(const isa::HwParams& hw, double scale) {
  isa::HwParams made = hw;
  const auto side = [&](int value) {
    return std::clamp(static_cast<int>(std::lround(value * std::sqrt(scale))), 1, kLargestSide);
  };
  made.rows = side(hw.rows);
  made.cols = side(hw.cols);
  made.ub_kib = std::max(1, static_cast<int>(std::lround(hw.ub_kib * scale)));
  return made;
}

/// How many times array and buffer of `hw` are in `mm2`.
double scale_for(const isa::HwParams& hw, double mm2, const energy::EnergyTable& table) {
  if (area_of(hw, table) == mm2) return 1;
  double low = 1 / kMostScale, high = kMostScale;
  for (int i = 0; i < 40; ++i) {
    const double middle = std::sqrt(low * high);
    (area_of(scaled(hw, middle), table) <= mm2 ? low : high) = middle;
  }
  return std::sqrt(low * high);
}

/// Arrays that are at most twice as tall or wide as the shape of `hw`.
std::vector<isa::HwParams> arrays(const isa::HwParams& hw) {
  std::vector<isa::HwParams> all = {hw};
  for (int rows = kArrayStep; rows <= kLargestSide; rows += kArrayStep)
    for (int cols = kArrayStep; cols <= kLargestSide; cols += kArrayStep) {
      isa::HwParams made = hw;
      made.rows = rows;
      made.cols = cols;
      if (stretch(hw, made) <= std::log(kMostStretch) + kRounding) all.push_back(made);
    }
  return all;
}

/// How far `made` is from array and buffer of `hw` times `scale`, in their shape.
double distance(const isa::HwParams& hw, const isa::HwParams& made, double scale) {
  return std::abs(std::log(elements(made) / (scale * elements(hw)))) +
         std::abs(std::log(made.ub_kib / (scale * hw.ub_kib))) + stretch(hw, made);
}

/// The largest buffer for the array of `made` that `mm2` hold.
std::optional<isa::HwParams> with_buffer(const isa::HwParams& hw, isa::HwParams made, double mm2,
                                         const energy::EnergyTable& table) {
  const double step = std::max(1.0, 1.0 * hw.ub_kib / kBufferSteps);
  const double whole = hw.ub_kib * elements(made) / elements(hw);
  for (auto steps = static_cast<int>(2 * whole / step); steps * step >= whole / 2; --steps) {
    made.ub_kib = static_cast<int>(std::lround(steps * step));
    if (arch::check_params(made).empty() && area_of(made, table) <= mm2) return made;
  }
  return std::nullopt;
}

}  // namespace

const char* name_of(Hardware hardware) {
  constexpr const char* kHardwareNames[] = {"given", "minimal", "iso-area"};
  return kHardwareNames[static_cast<int>(hardware)];
}

isa::HwParams minimal_hardware(const isa::HwParams& given, const StudyFigures& figures) {
  const auto stores = [&](lower::WeightFormat format) {
    return figures.formats.contains(lower::weight_format_name(format));
  };
  isa::HwParams made = given;
  made.weight_bits = std::max(given.weight_bits, bits_in(figures.widths, 'w'));
  made.act_bits = std::max(given.act_bits, bits_in(figures.widths, 'a'));
  if (!stores(lower::WeightFormat::kCodebook)) made.codebook = 0;
  if (!stores(lower::WeightFormat::kBitmask)) made.bitmask = 0;
  if (!stores(lower::WeightFormat::kTwoOfFour)) made.structured = 0;
  return made;
}

std::optional<isa::HwParams> scaled_to_area(const isa::HwParams& hw, double mm2,
                                            const energy::EnergyTable& table) {
  const double scale = scale_for(hw, mm2, table);
  std::optional<isa::HwParams> nearest;
  for (const isa::HwParams& array : arrays(hw)) {
    const double far = std::abs(std::log(elements(array) / (scale * elements(hw))));
    if (far > std::log(kMostStretch) || !keeps_widths(hw, array)) continue;
    const auto made = with_buffer(hw, array, mm2, table);
    if (made && (!nearest || distance(hw, *made, scale) < distance(hw, *nearest, scale)))
      nearest = made;
  }
  return nearest;
}

double scaled_area(const isa::HwParams& hw, double scale, const energy::EnergyTable& table) {
  return area_of(scaled(hw, scale), table);
}

std::vector<std::string> changes_of(const isa::HwParams& given, const isa::HwParams& made) {
  std::vector<std::string> changes;
  for (const isa::HwParamInfo& parameter : isa::kHwParams)
    if (given.*parameter.member != made.*parameter.member)
      changes.push_back(fmt::format("{}={}", parameter.key, made.*parameter.member));
  return changes;
}

}  // namespace systole::study
