// SPDX-License-Identifier: Apache-2.0
// Points that are worth an evaluation, by what surrogates say of them.
#pragma once

#include <functional>
#include <vector>

#include "sim/optimise/archive.h"
#include "sim/optimise/surrogate.h"

namespace systole::optimise {

class Guesses {
 public:
  using Admits = std::function<bool(const sweep::Position&)>;

  /// `choices`: of each axis; `admits`: whether a position may be tried.
  Guesses(size_t objectives, const std::vector<uint32_t>& choices, Admits admits);

  /// Up to `count` points that `archive` does not have, those first that should be furthest beyond
  /// its front, each beyond those before it too. They are of the whole space if that is small, else
  /// `others` and what is near the front.
  std::vector<sweep::Position> promising(const Archive& archive,
                                         const std::vector<sweep::Position>& others, size_t count);

 private:
  std::vector<sweep::Position> pool(const Archive& archive,
                                    const std::vector<sweep::Position>& others) const;
  /// Costs of all of `places` by each objective.
  std::vector<front::Costs> guess(const Archive& archive,
                                  const std::vector<sweep::Position>& places);
  /// Leaves those of `places` that should meet limits.
  void drop_misses(const Archive& archive, std::vector<sweep::Position>& places);

  const std::vector<uint32_t> choices_;
  const Admits admits_;
  std::vector<Surrogate> objectives_;
  Surrogate violation_;
};

}  // namespace systole::optimise
