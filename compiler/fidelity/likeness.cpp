// SPDX-License-Identifier: Apache-2.0
// Sums of squares in double precision.
#include "compiler/fidelity/likeness.h"

#include <cmath>

namespace systole::fidelity {

void Likeness::add(std::span<const float> exact, std::span<const float> given) {
  for (size_t i = 0; i < exact.size(); ++i) add(exact[i], given[i]);
}

std::optional<double> Likeness::decibels() const {
  if (noise_ == 0 || signal_ == 0) return std::nullopt;
  return 10 * std::log10(signal_ / noise_);
}

double Likeness::cosine() const {
  if (signal_ == 0 || given_ == 0) return signal_ == given_ ? 1.0 : 0.0;
  return product_ / std::sqrt(signal_ * given_);
}

}  // namespace systole::fidelity
