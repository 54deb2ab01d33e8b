// SPDX-License-Identifier: Apache-2.0
// A run that stands still, as text: the same for both engines.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/debug/stops.h"
#include "sim/debug/target.h"

namespace systole::debug {

/// "cycle 120: 4 of 52 instructions have ended", and how the run ended.
std::string place_in_run(const Target& target, const Surroundings& around);
/// A line for each unit: what it does, with which instruction, and what it waits for.
std::string units_text(const Moment& now, const Surroundings& around);
std::string queues_text(const Moment& now, const Surroundings& around);
std::string semaphores_text(const Moment& now);
std::string locks_text(const Moment& now, const isa::HwParams& hw);
std::string ring_text(const Moment& now, const isa::HwParams& hw);
/// Those that are not 0 and whose name begins with `prefix`.
std::string counters_text(const std::array<uint64_t, isa::kCounters>& counters,
                          const std::string& prefix);

/// Those that units are at or that wait in queues, and the next that is dispatched, ascending.
std::vector<uint32_t> instructions_at_work(const Moment& now, const Surroundings& around);
/// Instructions with the units that are at them.
std::string listing(const Moment& now, const Surroundings& around,
                    std::span<const uint32_t> instructions);

/// A line for each instruction under way that writes in `place`.
std::string writers_text(const Place& place, const Moment& now, const Surroundings& around);
/// Bytes, words or rows of `place`, and who is writing there.
std::string memory_text(const Place& place, Target& target, const Surroundings& around);
/// Of each output of a vector or a matmul its values, else the bytes that the instruction writes,
/// as they stand now. Throws Error for an instruction that dispatch refuses.
std::string output_text(uint32_t pc, Target& target, const Surroundings& around);
/// What the tensors of the program are, and how much of each is there.
std::string tensors_text(Target& target, const Surroundings& around);
/// A value or a part of a tensor; `real`: as numbers, else as stored.
std::string tensor_text(const std::string& reference, bool real, Target& target,
                        const Surroundings& around);

}  // namespace systole::debug
