// SPDX-License-Identifier: Apache-2.0
// What all variants of a study share, and what its first network does in float32.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/pipeline/front.h"
#include "model/arch/arch.h"
#include "sim/energy/table.h"
#include "sim/study/break_even.h"
#include "sim/study/machine.h"
#include "sim/study/variant.h"
#include "sim/sweep/point.h"

namespace systole::study {

/// What all variants share.
struct StudyConditions {
  /// Architecture, overrides, table, shapes, data and the like; what a variant says is put into it.
  sweep::SweepPoint point;
  arch::ArchConfig arch;  ///< that `point` comes to
  energy::EnergyTable table;
  std::vector<int64_t> batches = {1};
  size_t images = 0;  ///< that are classified; 0: timing only
  Hardware hardware = Hardware::kGiven;
  std::optional<BreakEvenAxis> break_even;

  /// Of the axis. Throws Error: the memory has a bandwidth of its own.
  BreakEvenRange range() const;
};

/// Items of `data` that the float32 network classifies as their labels say.
uint64_t float32_right(const StudyNetwork& network, const pipeline::FrontOptions& front,
                       const data::Dataset& data);

}  // namespace systole::study
