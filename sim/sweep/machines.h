// SPDX-License-Identifier: Apache-2.0
// The hardware of many points: what they share is read once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "model/arch/arch.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

/// As load_arch makes it of a point's architecture and overrides.
struct Hardware {
  const arch::ArchConfig* base = nullptr;  ///< clock and memory; outlives the point
  isa::HwParams parameters;
};

class Machines {
 public:
  /// Nothing: load_arch throws for this point.
  std::optional<Hardware> find(const SweepPoint& point);
  /// The same as a whole. Throws the Error of load_arch.
  arch::ArchConfig config(const SweepPoint& point);
  /// The same before hardware parameters are changed: clock and memory; null: there are none.
  const arch::ArchConfig* base(const SweepPoint& point);
  /// The architecture as it stands in its file; null: it cannot be read.
  const arch::ArchConfig* original(const std::string& arch);

 private:
  const arch::ArchConfig* load(const std::string& arch, const std::vector<std::string>& set);
  /// By architecture and overrides of clock and memory.
  std::unordered_map<std::string, std::unique_ptr<const arch::ArchConfig>> known_;
};

}  // namespace systole::sweep
