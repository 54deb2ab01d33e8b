// SPDX-License-Identifier: Apache-2.0
// Machines that a study compares on: with the options that a row uses alone, and of a wanted area.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/isa/isa.h"
#include "sim/energy/table.h"
#include "sim/study/figures.h"

namespace systole::study {

/// The machine that a row runs on.
enum class Hardware {
  kGiven,    ///< as it is asked for
  kMinimal,  ///< without the options that the row does not use
  kIsoArea   ///< that, scaled to the area of the first row's
};

/// "given", "minimal" or "iso-area".
const char* name_of(Hardware hardware);

/// `given` without narrow operands, codebooks, masks and 2:4 that `figures`, of a run on it, had no
/// use for.
isa::HwParams minimal_hardware(const isa::HwParams& given, const StudyFigures& figures);

/// `hw` with array and unified buffer scaled to at most `mm2`: of arrays in steps of four, each
/// with the largest buffer that fits in steps of a 64th, the one nearest to an even scaling of
/// array, buffer and shape. Nothing: no array has half to twice the buffer that goes with it.
std::optional<isa::HwParams> scaled_to_area(const isa::HwParams& hw, double mm2,
                                            const energy::EnergyTable& table);

/// The area of `hw` with `scale` times its array and buffer, whatever steps they have.
double scaled_area(const isa::HwParams& hw, double scale, const energy::EnergyTable& table);

/// What makes `made` of `given`: "key=value" of each parameter that differs.
std::vector<std::string> changes_of(const isa::HwParams& given, const isa::HwParams& made);

}  // namespace systole::study
