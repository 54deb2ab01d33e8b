// SPDX-License-Identifier: Apache-2.0
// Proposes what to evaluate next, generation by generation; every choice is drawn from the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "model/base/seeded_random.h"
#include "sim/nsga2/nsga2.h"
#include "sim/optimise/archive.h"
#include "sim/optimise/guesses.h"

namespace systole::optimise {

/// A product of choices, some of which may coincide or be left out.
struct ChoiceSpace {
  std::vector<uint32_t> choices;  ///< of each axis
  /// One position for all that are the same point.
  std::function<sweep::Position(const sweep::Position&)> tidied;
  std::function<bool(const sweep::Position&)> admits;  ///< of a tidied one: whether it may be tried
};

class Explorer {
 public:
  /// `population`: of a generation, a multiple of 4 and 8 at least. Throws Error if the program was
  /// built without pagmo.
  Explorer(ChoiceSpace space, size_t objectives, size_t population, uint64_t seed);

  /// Up to `room` of `wanted`, and what is drawn at random where they are fewer.
  std::vector<sweep::Position> first(const Archive& archive,
                                     const std::vector<sweep::Position>& wanted, size_t room);
  /// A generation that `archive` does not have, `room` points at most; empty: nothing new is left.
  /// A quarter are children of NSGA-II from the best of all, the others what seems to be furthest
  /// beyond the front; where these are too few, steps from the front, and what is drawn at random.
  std::vector<sweep::Position> next(const Archive& archive, size_t room);

 private:
  class Batch;

  std::vector<size_t> choose_parents(const Archive& archive) const;
  std::vector<sweep::Position> neighbours(const Archive& archive);

  const ChoiceSpace space_;
  const size_t population_;
  nsga2::Nsga2 nsga2_;
  SeededRandom random_;
  Guesses guesses_;
};

}  // namespace systole::optimise
