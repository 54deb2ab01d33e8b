// SPDX-License-Identifier: Apache-2.0
// Which layer each cycle of a run belongs to, from the log of retired instructions.
#pragma once

#include <vector>

#include "model/core/events.h"

namespace systole::core {

/// The cycles [from, to) belong to the layer of `tag`.
struct OwnedCycles {
  Cycle from = 0, to = 0;
  uint16_t tag = 0;
  bool operator==(const OwnedCycles&) const = default;
};

/// Divides the cycles [0, cycles) among the tags of `retired`, in order and without a gap. A cycle
/// belongs to the instruction that is between its start and its end in it, asked in this order of
/// units: matrix, vector, store; of two in one unit (a matmul's last sums leave the array while the
/// next streams) to the one that started last. A cycle in which none of them works is spent waiting
/// for the next of them to start and belongs to that one; behind the last, to the last. Loads own
/// nothing: they run ahead. Empty if no unit of the three has an instruction.
std::vector<OwnedCycles> cycle_owners(const std::vector<RetireEvent>& retired, Cycle cycles);

}  // namespace systole::core
