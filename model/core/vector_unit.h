// SPDX-License-Identifier: Apache-2.0
// The unit vpu: a few events an instruction.
#pragma once

#include "model/core/front.h"

namespace systole::core {

class VectorUnit {
 public:
  explicit VectorUnit(CoreContext& core);

  void clock(Cycle t);
  void decide(Cycle t);
  Cycle next_event(Cycle t) const;
  /// The run is cut off after cycle `last`: counts the taps and outputs of an instruction under
  /// way.
  void cut_off(Cycle last);

  Front& front() { return front_; }
  const Front& front() const { return front_; }

 private:
  void begin(Cycle s);
  void finish();

  CoreContext& core_;
  Front front_;
  isa::Vector vector_;
  bool under_way_ = false;  ///< begun, end not passed
  bool is_vector_ = false;  ///< the running instruction is `vector`
  uint64_t outputs_ = 0;
  uint64_t taps_ = 0;           ///< of an output
  uint64_t output_cycles_ = 0;  ///< taps, and the residual read where it takes a cycle
  Cycle taps_from_ = 0;         ///< T0
  Cycle taps_to_ = 0;           ///< E + 1
  Cycle end_ = 0;
};

}  // namespace systole::core
