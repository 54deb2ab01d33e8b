// SPDX-License-Identifier: Apache-2.0
// How long points will take, from those that ran before.
#pragma once

#include <map>
#include <string>

#include "sim/sweep/point.h"

namespace systole::sweep {

/// A guess of the seconds of one processor.
struct TimeEstimate {
  double seconds = 0;
  size_t points = 0;    ///< of which
  size_t measured = 0;  ///< of those, of networks that ran before

  /// "about 3 min with 4 at once, 0.31 s a point as those in the database"; `jobs`: points at once.
  std::string text(int jobs) const;
};

class TimeEstimator {
 public:
  /// `measured`: seconds a point, by the identity of a network.
  explicit TimeEstimator(std::map<std::string, double> measured) : measured_(std::move(measured)) {}
  /// Throws Error for networks that cannot be read.
  void add(const SweepPoint& point);
  const TimeEstimate& estimate() const { return estimate_; }

 private:
  struct Network {
    double seconds;
    bool measured;
  };
  const Network& network(const SweepPoint& point);

  const std::map<std::string, double> measured_;
  std::map<std::string, Network> networks_;  ///< by file
  TimeEstimate estimate_;
};

}  // namespace systole::sweep
