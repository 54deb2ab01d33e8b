// SPDX-License-Identifier: Apache-2.0
// Additive shares by knob and width.
#include "sim/search/predictor.h"

#include <algorithm>

namespace systole::search {

Predictor::Guess Predictor::share(size_t knob, int bits) const {
  const auto known = shares_.find({knob, bits});
  return known == shares_.end() ? Guess{} : known->second;
}

void Predictor::learn(size_t knob, int bits, const Guess& measured) {
  const Knob& turned = space_.knobs()[knob];
  Guess rest{measured.divergence - base_.divergence, measured.cost - base_.cost};
  const bool takes_along = turned.kind == Knob::Kind::kActivations;
  // Narrow activations took the weights of their readers along, whose shares are known.
  for (size_t k = 0; takes_along && k < space_.knobs().size(); ++k) {
    const Knob& other = space_.knobs()[k];
    if (other.kind != Knob::Kind::kWeights) continue;
    if (std::find(turned.layers.begin(), turned.layers.end(), other.layers[0]) ==
        turned.layers.end())
      continue;
    rest.divergence -= share(k, bits).divergence;
    rest.cost -= share(k, bits).cost;
  }
  shares_[{knob, bits}] = rest;
}

Predictor::Guess Predictor::guess(const Choice& choice) const {
  Guess sum = base_;
  for (size_t k = 0; k < space_.knobs().size(); ++k) {
    const Guess part = share(k, space_.knobs()[k].value(choice));
    sum.divergence += part.divergence;
    sum.cost += part.cost;
  }
  return sum;
}

Predictor::Guess Predictor::guess(const Choice& choice, const Choice& near,
                                  const Guess& measured) const {
  const Guess here = guess(choice), there = guess(near);
  return {std::max(0.0, measured.divergence + here.divergence - there.divergence),
          measured.cost + here.cost - there.cost};
}

}  // namespace systole::search
