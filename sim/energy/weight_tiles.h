// SPDX-License-Identifier: Apache-2.0
// The weight tiles of a program in the order in which the ring hands them to the matrix unit.
#pragma once

#include <algorithm>
#include <vector>

#include "model/arch/error.h"
#include "model/arch/geometry.h"
#include "model/isa/program.h"

namespace systole {

class WeightTiles {
 public:
  explicit WeightTiles(const Program& program) : geometry_(program.hw) {
    for (const isa::Words& words : program.code)
      if (isa::Opcode(isa::Header::decode(words).opcode) == isa::Opcode::kLoadWeights)
        loads_.push_back(isa::LoadWeights::decode(words));
  }

  /// A place in the ring, to come back to kept tiles.
  struct Place {
    size_t load = 0;
    int64_t position = 0, group = 0;
  };
  Place place() const { return place_; }
  void rewind(const Place& place) { place_ = place; }

  /// Bytes of weights of the next tile: those of its rows and columns, or of its diagonal.
  int64_t next() {
    if (place_.load == loads_.size())
      throw Error("energy: the program uses more weight tiles than it loads");
    const isa::LoadWeights& load = loads_[place_.load];
    const int64_t group = place_.group;
    if (++place_.group == geometry_.groups(load.channels)) {
      place_.group = 0;
      if (++place_.position == load.positions) place_ = {place_.load + 1, 0, 0};
    }
    const int64_t rows = geometry_.group_lanes(group, load.channels);
    if (!load.diagonal) return rows * load.cols;
    const int64_t from = group * geometry_.rows;
    return std::max<int64_t>(0, std::min<int64_t>(load.first + load.cols, from + rows) -
                                    std::max<int64_t>(load.first, from));
  }

 private:
  const Geometry geometry_;
  std::vector<isa::LoadWeights> loads_;
  Place place_;
};

}  // namespace systole
