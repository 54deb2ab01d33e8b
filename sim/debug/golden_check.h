// SPDX-License-Identifier: Apache-2.0
// Holds what each instruction has written against the golden executor.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model/golden/golden_replay.h"
#include "sim/debug/footprints.h"
#include "sim/debug/target.h"

namespace systole::debug {

/// The first byte or sum that an instruction should have written otherwise.
struct WrongValue {
  uint32_t pc = 0;
  golden::Storage storage = golden::Storage::kDram;
  uint64_t address = 0;  ///< as golden::Access has it
  int column = 0;        ///< of ACC
  int64_t expected = 0, found = 0;
};

class GoldenCheck {
 public:
  GoldenCheck(const Subject& subject, Footprints& footprints)
      : subject_(subject), footprints_(footprints) {}

  /// Executes what has ended before now, without a look at it.
  void catch_up(const Target& target);
  /// The same, and compares what the instructions wrote that ended since: those of the last cycle.
  /// What others that are under way write too is left to them.
  std::optional<WrongValue> check(Target& target);

 private:
  std::optional<WrongValue> compare(uint32_t pc, Target& target);
  bool is_being_written(const Moment& moment, golden::Storage storage, uint64_t address);

  const Subject& subject_;
  Footprints& footprints_;
  std::unique_ptr<golden::GoldenReplay> replay_;
  size_t followed_ = 0;  ///< of the instructions that ended
};

}  // namespace systole::debug
