// SPDX-License-Identifier: Apache-2.0
// What a program does that costs energy: counts of events, from its instructions.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "model/isa/counter_ids.h"
#include "model/program/program.h"
#include "sim/engine/engine.h"

namespace systole::energy {

/// docs/energy.md has the sum that gives each count.
enum class EnergyEvent {
  kMac8,
  kMac4,
  kMac2,
  kMac1,
  kGatedMac,
  kArrayRegisterBit,
  kSelection,
  kExpandedActivation,
  kUbRead,
  kUbWrite,
  kWbRead,
  kWbWrite,
  kExpandedWeight,
  kCodebookWeight,
  kMaskedWeight,
  kStructuredWeight,
  kAccRead,
  kAccWrite,
  kPbRead,
  kPbWrite,
  kTableLookup,
  kDmaBufferByte,
  kLineByte,
  kVpuIntAdd,
  kVpuFpAdd,
  kVpuFpMultiply,
  kInstruction,
  kDramReadByte,
  kDramWriteByte,
  kDramActivation,
  kRegisterCycle,
  kCycle,
};
inline constexpr size_t kEnergyEvents = 32;

struct EnergyEvents {
  std::array<int64_t, kEnergyEvents> counts{};

  int64_t& operator[](EnergyEvent event) { return counts[static_cast<size_t>(event)]; }
  int64_t operator[](EnergyEvent event) const { return counts[static_cast<size_t>(event)]; }
  EnergyEvents& operator+=(const EnergyEvents& other) {
    for (size_t i = 0; i < kEnergyEvents; ++i) counts[i] += other.counts[i];
    return *this;
  }
  bool operator==(const EnergyEvents&) const = default;
};

/// Events of a program that runs to its end. Cycles and DRAM activations are 0: they are the run's.
struct ProgramEvents {
  std::map<uint16_t, EnergyEvents> by_tag;
  std::map<uint16_t, int64_t> array_words;  ///< read from the unified buffer for the array, by tag
  std::array<uint64_t, isa::kCounters> counters{};  ///< those that follow from the instructions
};
/// MACs whose weight is 0 are gated.
ProgramEvents program_events(const program::Program& program);
/// Gates those too whose activation is the zero point: what is left are those of `switching`, which
/// the model counted when it computed the data of the same program.
void gate_activations(const core::MacsByTag& switching, ProgramEvents& events);

/// The events of a finished run of `program`: those of its instructions, with the cycles and the
/// DRAM activations of the run, in which the units have `registers` flip-flops (unit_registers).
/// Throws Error if a counter of the run is not what the instructions make.
EnergyEvents run_events(const ProgramEvents& events, const platform::RunResult& result,
                        int64_t registers);
/// Adds cycles to `events`, on a machine whose units have `registers` flip-flops.
void add_cycles(int64_t cycles, int64_t registers, EnergyEvents& events);

}  // namespace systole::energy
