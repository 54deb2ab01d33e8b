// SPDX-License-Identifier: Apache-2.0
// How like two signals are.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace systole::fidelity {

/// A signal, and what became of it, element by element.
class Likeness {
 public:
  void add(double exact, double given) {
    const double off = given - exact;
    signal_ += exact * exact;
    given_ += given * given;
    product_ += exact * given;
    noise_ += off * off;
  }
  /// Equally many of both.
  void add(std::span<const float> exact, std::span<const float> given);

  bool is_exact() const { return noise_ == 0; }
  bool has_signal() const { return signal_ > 0; }
  /// 10 log10(signal / noise); none: there is no noise, or no signal.
  std::optional<double> decibels() const;
  /// Of the angle between both; 1 of two that are 0, and 0 if one is.
  double cosine() const;

 private:
  double signal_ = 0, given_ = 0, product_ = 0, noise_ = 0;
};

}  // namespace systole::fidelity
