// SPDX-License-Identifier: Apache-2.0
// Guesses what a choice gives from what each knob alone was measured to give.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "sim/search/point.h"

namespace systole::search {

/// Divergence and cost of a choice, as sums of what its knobs add to the widest choice.
class Predictor {
 public:
  struct Guess {
    double divergence = 0, cost = 0;
  };

  /// `base`: of the widest choice.
  Predictor(const SearchSpace& space, const Guess& base) : space_(space), base_(base) {}

  /// What was measured of the widest choice with knob `knob` at `bits`; of a tensor, after those of
  /// the weights of all layers that read it.
  void learn(size_t knob, int bits, const Guess& measured);
  Guess guess(const Choice& choice) const;
  /// The guess for `choice`, corrected by what was measured of one that is near to it.
  Guess guess(const Choice& choice, const Choice& near, const Guess& measured) const;

 private:
  Guess share(size_t knob, int bits) const;

  const SearchSpace& space_;
  const Guess base_;
  std::map<std::pair<size_t, int>, Guess> shares_;  ///< by knob and bits
};

}  // namespace systole::search
