// SPDX-License-Identifier: Apache-2.0
// Where load_window writes the rows that it packs together, and in how many words.
#pragma once

#include <cstdint>

#include "model/arch/geometry.h"
#include "model/isa/isa.h"

namespace systole::arch {

/// The place of a window's first byte: words and lanes from the word that the loops give.
struct WindowPlace {
  int64_t word = 0;
  int64_t lane = 0;
};

/// Of row `i2` of those that `load` packs together.
inline WindowPlace window_place(const isa::LoadWindow& load, int64_t i2, const Geometry& geometry) {
  const int64_t lane = load.lane + i2 * load.lane_stride;
  return {lane / geometry.lanes, lane % geometry.lanes};
}

/// Words that a window of row `i2` touches: as many emissions.
inline int64_t window_emissions(const isa::LoadWindow& load, int64_t i2, const Geometry& geometry) {
  return geometry.words(window_place(load, i2, geometry).lane + load.size);
}

/// Emissions of the whole instruction.
inline int64_t window_emissions(const isa::LoadWindow& load, const Geometry& geometry) {
  int64_t rows = 0;
  for (int64_t i2 = 0; i2 < load.count2; ++i2) rows += window_emissions(load, i2, geometry);
  return int64_t{load.count0} * load.count1 * load.windows * rows;
}

}  // namespace systole::arch
