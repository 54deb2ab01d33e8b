// SPDX-License-Identifier: Apache-2.0
// Generations of NSGA-II (Deb et al. 2002) over choices that are numbered, by the library pagmo.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/front/front.h"

namespace systole::nsga2 {

/// A choice of each gene, from 0.
using Genes = std::vector<uint32_t>;

/// Whether this program was built with pagmo.
bool has_nsga2();

class Nsga2 {
 public:
  /// `choices`: how many each gene has, 1 at least. Throws Error if the program was built without
  /// pagmo.
  Nsga2(const std::vector<uint32_t>& choices, uint64_t seed);
  ~Nsga2();
  Nsga2(const Nsga2&) = delete;
  Nsga2& operator=(const Nsga2&) = delete;

  /// As many children as there are `parents`, a multiple of 4 and 8 at least, which cost `costs`;
  /// none if no gene has a choice.
  std::vector<Genes> breed(const std::vector<Genes>& parents,
                           const std::vector<front::Costs>& costs);

  /// The `count` best of them, by rank of their fronts, then by how far their neighbours are:
  /// indices.
  static std::vector<size_t> best(const std::vector<front::Costs>& costs, size_t count);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< of pagmo, which this header does not need
};

}  // namespace systole::nsga2
