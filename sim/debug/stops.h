// SPDX-License-Identifier: Apache-2.0
// What a run can be stopped by, and whether it has come about.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "sim/debug/footprints.h"
#include "sim/debug/golden_check.h"
#include "sim/debug/place.h"
#include "sim/debug/program_words.h"
#include "sim/debug/target.h"
#include "sim/debug/tensors.h"
#include "sim/debug/whereabouts.h"

namespace systole::debug {

/// An instruction starts.
struct AtPc {
  uint32_t pc = 0;
};
/// The first instruction of a layer starts, in the order of the program.
struct AtLayer {
  std::string name;
  uint32_t first = 0;
};
struct AtCycle {
  Cycle cycle = 0;
};
/// A unit begins to spend its cycles so.
struct AtCause {
  isa::Unit unit = isa::Unit::kFetch;
  isa::Cause cause = isa::Cause::kIdle;
};
/// An instruction that writes there has ended, or the place changes though none that is under way
/// writes there.
struct AtWrite {
  Place place;
  std::string text;  ///< as the user named it
};
/// An instruction has ended that puts values of a tensor where they are kept.
struct AtMade {
  Tensors::Reference values;
  std::vector<uint32_t> makers;  ///< ascending
  std::string text;              ///< as the user named it
};
/// A fault is visible.
struct AtFault {};
/// An instruction has ended that wrote something else than the golden executor.
struct AtGolden {};

using Condition = std::variant<AtPc, AtLayer, AtCycle, AtCause, AtWrite, AtMade, AtFault, AtGolden>;

/// "pc 12 vector of conv1".
std::string condition_text(const Condition& condition, const ProgramWords& words);

/// What conditions are held against; all of it outlives the stops.
struct Surroundings {
  const Subject& subject;
  const ProgramWords& words;
  const Tensors& tensors;
  Footprints& footprints;
  Whereabouts& whereabouts;
};

/// A condition that is watched from one cycle to the next.
class Stop {
 public:
  Stop(Condition condition, const Surroundings& around);

  const Condition& condition() const { return condition_; }
  /// Whether what it watches can be told from now on: nothing that it needs is half done.
  bool can_begin(const Moment& moment) const;
  /// The run is about to go on from now.
  void arm(Target& target);
  /// What has come about since the step before; nothing if it has not.
  std::optional<std::string> met(Target& target);

 private:
  /// What an address held before what is under way: nothing that an instruction wrote, a value, or
  /// one that cannot be told any more.
  enum class Held : uint8_t { kNothing, kValue, kUnsettled };

  std::optional<std::string> met_by(const AtPc& at, Target& target);
  std::optional<std::string> met_by(const AtLayer& at, Target& target);
  std::optional<std::string> met_by(const AtCycle& at, Target& target);
  std::optional<std::string> met_by(const AtCause& at, Target& target);
  std::optional<std::string> met_by(const AtWrite& at, Target& target);
  std::optional<std::string> met_by(const AtMade& at, Target& target);
  std::optional<std::string> met_by(const AtFault& at, Target& target);
  std::optional<std::string> met_by(const AtGolden& at, Target& target);
  std::string made_text(const AtMade& at, uint32_t pc) const;
  std::optional<std::string> start_of(uint32_t pc, const Moment& now) const;
  std::vector<int32_t> values_at(const Place& place, Target& target) const;
  void arm_write(const Place& place, Target& target);
  void hold(const Place& place, uint32_t pc, Held held);
  static std::string before_text(Held held, int32_t value);
  void leave_to_others(const Place& place, const Moment& moment, const std::vector<Held>& before,
                       std::vector<int32_t>& now);
  std::string change_text(const Place& place, const std::vector<int32_t>& now,
                          const std::vector<Held>& held_before) const;

  Condition condition_;
  const Surroundings& around_;
  isa::Cause cause_ = isa::Cause::kIdle;  ///< of the step before
  isa::Fault fault_ = isa::Fault::kNone;
  size_t ended_ = 0;              ///< instructions
  std::vector<int32_t> settled_;  ///< of AtWrite: before what is under way
  std::vector<Held> held_;        ///< of AtWrite, by address
  GoldenCheck golden_;
  Cycle seen_ = kNever;  ///< the cycle for which all of these are
};

/// "UB word 0x12 lane 3", and the tensor's value that stands there: of DRAM, and of the unified
/// buffer what instruction `writer` puts there.
std::string address_text(golden::Storage storage, uint64_t address, const Surroundings& around,
                         uint32_t writer = kNobody);

}  // namespace systole::debug
