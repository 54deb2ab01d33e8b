// SPDX-License-Identifier: Apache-2.0
// The values of a tensor as the memories hold them in a cycle.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/debug/stops.h"
#include "sim/debug/target.h"

namespace systole::debug {

/// Of a target that stands still; indices are those of the network's order.
class TensorValues {
 public:
  TensorValues(size_t tensor, Target& target, const Surroundings& around);

  /// Of a value that is not there, what of it is missing.
  Standing standing(int64_t index) const;
  /// A value that is there, as it is stored, and what that stands for.
  int64_t stored(int64_t index) const;
  double real(int64_t index, int64_t stored) const;

 private:
  uint8_t byte(int64_t index, int64_t part) const;

  const size_t tensor_;
  Target& target_;
  const Surroundings& around_;
  const std::vector<Standing> bytes_;  ///< of the tensor's storage
};

/// Why a value is not there, a line.
std::string missing_text(size_t tensor, int64_t index, const Standing& standing,
                         const Surroundings& around);

/// From the first to the last byte of the values: of DRAM if they are kept there, else where they
/// are now. Throws Error if they are not, or not together.
Place place_of(const Tensors::Reference& values, Target& target, const Surroundings& around);

/// That the values are written: a place, or the instructions that make them. Throws Error.
Condition writes_of(const std::string& text, const Surroundings& around);

}  // namespace systole::debug
