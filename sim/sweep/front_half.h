// SPDX-License-Identifier: Apache-2.0
// What points share that differ in hardware alone: the network, pruned and quantised.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "compiler/pipeline/plan.h"
#include "model/arch/arch.h"
#include "sim/session/compile.h"
#include "sim/session/request.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

struct FrontHalf {
  pipeline::NetworkPlan plan;
  std::vector<std::string> warnings;
  session::PlanWeights weights;  ///< of `plan`; none of a topology, which has no weights of its own
};

/// Imports, prunes and quantises the point's network. Throws Error.
FrontHalf make_front_half(const SweepPoint& point, const arch::ArchConfig& arch);

/// The point as a network that is asked for; pruning is apart. An ONNX file's.
session::NetworkRequest request_of(const SweepPoint& point);

/// What is made of a network's file, whatever its batch: equal for points that quantise it alike,
/// by the same policy.
std::string quantised_key(const SweepPoint& point, const isa::HwParams& hw);

/// Equal for points whose front halves are equal: what make_front_half reads.
std::string front_key(const SweepPoint& point, const arch::ArchConfig& arch);

/// The last few front halves that were asked for. Forked processes inherit them.
class FrontHalves {
 public:
  /// That of `key`, made if it is not there; until the next but two is asked for. Throws Error.
  const FrontHalf& find(const std::string& key, const SweepPoint& point,
                        const arch::ArchConfig& arch);
  bool contains(const std::string& key) const;

 private:
  struct Entry {
    std::string key;
    FrontHalf half;
  };
  std::deque<Entry> entries_;  ///< the last that was asked for in front
};

}  // namespace systole::sweep
