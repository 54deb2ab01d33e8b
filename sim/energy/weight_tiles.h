// SPDX-License-Identifier: Apache-2.0
// The weight tiles of a program in the order in which the ring hands them to the matrix unit.
#pragma once

#include <algorithm>
#include <vector>

#include "model/arch/geometry.h"
#include "model/arch/weight_rows.h"
#include "model/base/error.h"
#include "model/golden/weight_counts.h"
#include "model/program/program.h"

namespace systole::energy {

class WeightTiles {
 public:
  explicit WeightTiles(const program::Program& program) : geometry_(program.hw) {
    for (const isa::Words& words : program.code)
      if (isa::Opcode(isa::Header::decode(words).opcode) == isa::Opcode::kLoadWeights)
        loads_.push_back(isa::LoadWeights::decode(words));
    nonzero_ = golden::nonzero_weights(program);
  }

  /// A place in the ring, to come back to kept tiles.
  struct Place {
    size_t load = 0;
    int64_t tile = 0;   ///< in the shape of the load
    size_t stored = 0;  ///< tiles of the load before it that are stored
  };
  Place place() const { return place_; }
  void rewind(const Place& place) { place_ = place; }

  struct Tile {
    int64_t skip = 0;     ///< holes before it
    int64_t bytes = 0;    ///< of weights: those of its rows and columns, or of its diagonal
    int64_t nonzero = 0;  ///< weights other than 0
  };
  Tile next() {
    if (place_.load == loads_.size())
      throw Error("energy: the program uses more weight tiles than it loads");
    const isa::LoadWeights& load = loads_[place_.load];
    const arch::Geometry slices = geometry_.grouped(load.structured);
    const int64_t groups = slices.groups(load.channels), tiles = load.positions * groups;
    const int64_t index = arch::next_stored(load.holes, place_.tile);
    Tile tile{index - place_.tile, 0, nonzero_[place_.load][place_.stored]};
    place_ = {place_.load, index + 1, place_.stored + 1};
    if (arch::next_stored(load.holes, index + 1) >= tiles) place_ = {place_.load + 1, 0, 0};
    const int64_t group = index % groups;
    const int lanes = slices.group_lanes(group, load.channels);
    if (!load.diagonal) {
      tile.bytes = int64_t{arch::Geometry::tile_rows(lanes, load.structured)} * load.cols;
    } else {
      const int64_t from = group * geometry_.rows;
      tile.bytes = std::max<int64_t>(0, std::min<int64_t>(load.first + load.cols, from + lanes) -
                                            std::max<int64_t>(load.first, from));
    }
    return tile;
  }

 private:
  const arch::Geometry geometry_;
  std::vector<isa::LoadWeights> loads_;
  std::vector<std::vector<int64_t>> nonzero_;  ///< weights other than 0: [load][stored tile]
  Place place_;
};

}  // namespace systole::energy
