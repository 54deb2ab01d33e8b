// SPDX-License-Identifier: Apache-2.0
// The energy of a run by event, component and layer: an estimate from counts and a table
// (docs/energy.md).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/energy/events.h"
#include "sim/energy/table.h"
#include "sim/engine/engine.h"
#include "sim/report/report.h"

namespace systole::energy {

/// Where the energy goes; all but DRAM is on the chip.
enum class EnergyPart {
  kMatrixUnit,
  kUnifiedBuffer,
  kWeightBuffer,
  kAccumulators,
  kParameters,
  kDmaBuffers,
  kDmaEngines,
  kVectorUnit,
  kControl,
  kClock,
  kLeakage,
  kDram,
};
inline constexpr size_t kEnergyParts = 12;
const char* energy_part_name(EnergyPart part);

/// An event of the model: its name, what one of it is, and whose energy it is.
struct EnergyEventInfo {
  const char* name;
  const char* text;
  EnergyPart part;
};
const EnergyEventInfo& energy_event_info(EnergyEvent event);

/// pJ of one of each event on an architecture. Throws Error if the table lacks the DRAM.
using EventCosts = std::array<arch::EnergyEntry, kEnergyEvents>;
EventCosts event_costs(const EnergyTable& table, const arch::ArchConfig& arch);

/// pJ by part.
struct EnergyByPart {
  std::array<double, kEnergyParts> pj{};

  double operator[](EnergyPart part) const { return pj[static_cast<size_t>(part)]; }
  double total() const;
  /// Without DRAM.
  double on_chip() const { return total() - (*this)[EnergyPart::kDram]; }
};

/// What `events` take at `costs`.
EnergyByPart energy_of(const EnergyEvents& events, const EventCosts& costs);

struct LayerEnergy {
  std::string name;
  EnergyByPart energy;
  EnergyEvents events;  ///< without activations of DRAM rows
};

struct EnergyReport {
  std::string table;
  int node_nm = 0;
  int64_t batch = 1;  ///< items of the run
  double seconds = 0;
  EventCosts costs{};
  bool activations_gate = false;  ///< MACs gated by activations are counted, not by weights alone
  EnergyEvents events;
  EnergyByPart energy;
  std::vector<LayerEnergy> layers;

  double per_inference_pj() const { return energy.total() / static_cast<double>(batch); }
  double average_power_mw() const { return seconds > 0 ? energy.total() * 1e-9 / seconds : 0; }
};

/// `report`: of the same run, which must have finished. Activations gate MACs only if the run
/// counted the switching ones. A layer has the events of its instructions
/// and the cycles that belong to it; of the DRAM's activations its share of the bytes. Throws
/// Error.
EnergyReport make_energy(const program::Program& program, const arch::ArchConfig& arch,
                         const platform::RunResult& result, const report::Report& report,
                         const EnergyTable& table);

/// The sum over programs that ran one after another on the same architecture.
EnergyReport merge_energy(const std::vector<EnergyReport>& parts);

}  // namespace systole::energy
