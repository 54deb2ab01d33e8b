// SPDX-License-Identifier: Apache-2.0
// Multiplies counts of events with their energies.
#include "sim/energy/energy.h"

#include <fmt/format.h>

#include <numeric>

#include "model/arch/geometry.h"
#include "sim/energy/area.h"
#include "sim/energy/switching.h"

namespace systole::energy {
namespace {

constexpr std::array<const char*, kEnergyParts> kParts = {
    "matrix_unit", "unified_buffer", "weight_buffer", "accumulators", "parameters", "dma_buffers",
    "dma_engines", "vector_unit",    "control",       "clock",        "leakage",    "dram"};

constexpr std::array<EnergyEventInfo, kEnergyEvents> kEvents = {{
    {"macs_8", "8-bit MACs", EnergyPart::kMatrixUnit},
    {"macs_4", "4-bit MACs", EnergyPart::kMatrixUnit},
    {"macs_2", "2-bit MACs", EnergyPart::kMatrixUnit},
    {"macs_1", "1-bit MACs", EnergyPart::kMatrixUnit},
    {"gated_macs", "gated MACs", EnergyPart::kMatrixUnit},
    {"array_register_bits", "array register bits", EnergyPart::kMatrixUnit},
    {"selections", "2:4 selections", EnergyPart::kMatrixUnit},
    {"expanded_activations", "activations expanded", EnergyPart::kMatrixUnit},
    {"ub_reads", "unified buffer reads", EnergyPart::kUnifiedBuffer},
    {"ub_writes", "unified buffer writes", EnergyPart::kUnifiedBuffer},
    {"wb_reads", "weight buffer reads", EnergyPart::kWeightBuffer},
    {"wb_writes", "weight buffer writes", EnergyPart::kWeightBuffer},
    {"expanded_weights", "weights expanded", EnergyPart::kDmaEngines},
    {"codebook_weights", "weights by codebook", EnergyPart::kDmaEngines},
    {"masked_weights", "weights by mask", EnergyPart::kDmaEngines},
    {"structured_weights", "weights by prefix", EnergyPart::kDmaEngines},
    {"acc_reads", "accumulator reads", EnergyPart::kAccumulators},
    {"acc_writes", "accumulator writes", EnergyPart::kAccumulators},
    {"pb_reads", "parameter reads", EnergyPart::kParameters},
    {"pb_writes", "parameter writes", EnergyPart::kParameters},
    {"table_lookups", "table lookups", EnergyPart::kParameters},
    {"dma_buffer_bytes", "DMA buffer bytes", EnergyPart::kDmaBuffers},
    {"line_bytes", "line buffer bytes", EnergyPart::kDmaBuffers},
    {"vpu_int_adds", "integer additions", EnergyPart::kVectorUnit},
    {"vpu_fp_adds", "float additions", EnergyPart::kVectorUnit},
    {"vpu_fp_multiplies", "float products", EnergyPart::kVectorUnit},
    {"instructions", "instructions", EnergyPart::kControl},
    {"dram_read_bytes", "DRAM bytes read", EnergyPart::kDram},
    {"dram_write_bytes", "DRAM bytes written", EnergyPart::kDram},
    {"dram_activations", "DRAM row activations", EnergyPart::kDram},
    {"register_cycles", "cycles of registers", EnergyPart::kClock},
    {"cycles", "cycles of leakage", EnergyPart::kLeakage},
}};

/// pJ that the area of the architecture leaks in a cycle: mW x ns.
arch::EnergyEntry leakage_cycle(const EnergyTable& table, const arch::ArchConfig& arch) {
  const double mw = estimate_area(table, arch.hw).total_mm2() * table.leakage_mm2.value;
  return {mw * 1e3 / arch.clock_mhz, table.leakage_mm2.extrapolated};
}

/// An entry and what comes on top: extrapolated, too, if more than a percent of the sum is.
arch::EnergyEntry with_beside(const arch::EnergyEntry& entry, const arch::EnergyEntry& beside) {
  constexpr double kSeen = 0.01;
  const double sum = entry.value + beside.value;
  return {sum, entry.extrapolated || (beside.extrapolated && beside.value > kSeen * sum)};
}

}  // namespace

const char* energy_part_name(EnergyPart part) { return kParts[static_cast<size_t>(part)]; }

const EnergyEventInfo& energy_event_info(EnergyEvent event) {
  return kEvents[static_cast<size_t>(event)];
}

double EnergyByPart::total() const { return std::accumulate(pj.begin(), pj.end(), 0.0); }

EnergyByPart energy_of(const EnergyEvents& events, const EventCosts& costs) {
  EnergyByPart energy;
  for (size_t i = 0; i < kEnergyEvents; ++i)
    energy.pj[static_cast<size_t>(kEvents[i].part)] +=
        static_cast<double>(events.counts[i]) * costs[i].value;
  return energy;
}

EventCosts event_costs(const EnergyTable& table, const arch::ArchConfig& arch) {
  const arch::Geometry geo(arch.hw);
  const MemorySizes sizes(arch.hw);
  const arch::DramEnergy& dram = arch.memory.kind == "ddr" ? arch.memory.ddr.energy : table.rowless;
  const SwitchedGates gates = switched_gates(table.gates, arch.hw);
  const auto switched = [&](double count) {
    return arch::EnergyEntry{count * table.gate.value, table.gate.extrapolated};
  };
  const auto access = [&](double size, double bits, double beside) {
    return with_beside(sram_access(table, size, bits), switched(beside));
  };
  EventCosts costs;
  const auto set = [&](EnergyEvent event, arch::EnergyEntry entry) {
    costs[static_cast<size_t>(event)] = entry;
  };
  for (size_t w = 0; w < kWidths; ++w) costs[w] = table.mac[w];
  set(EnergyEvent::kGatedMac, table.gated_mac);
  set(EnergyEvent::kArrayRegisterBit, table.register_bit);
  set(EnergyEvent::kSelection, switched(gates.selection));
  set(EnergyEvent::kExpandedActivation, switched(gates.expanded_activation));
  const arch::EnergyEntry ub =
      access(sizes.unified_buffer, 8.0 * geo.word_bytes, gates.unified_buffer_access);
  set(EnergyEvent::kUbRead, ub);
  set(EnergyEvent::kUbWrite, ub);
  const arch::EnergyEntry wb =
      sram_access(table, sizes.weight_buffer, 1.0 * cell_bits(arch.hw) * geo.cols);
  set(EnergyEvent::kWbRead, wb);
  set(EnergyEvent::kWbWrite, wb);
  set(EnergyEvent::kExpandedWeight, switched(gates.expanded_weight));
  set(EnergyEvent::kCodebookWeight, switched(gates.codebook_weight));
  set(EnergyEvent::kMaskedWeight, switched(gates.masked_weight));
  set(EnergyEvent::kStructuredWeight, switched(gates.structured_weight));
  const arch::EnergyEntry acc = sram_access(table, sizes.accumulators, 32.0 * geo.cols);
  set(EnergyEvent::kAccRead, acc);
  set(EnergyEvent::kAccWrite, acc);
  set(EnergyEvent::kPbRead, sram_access(table, sizes.parameters, 32.0 * geo.cols));
  set(EnergyEvent::kPbWrite, sram_access(table, sizes.parameters, 8.0 * geo.pb_word_bytes));
  set(EnergyEvent::kTableLookup, sram_access(table, sizes.tables, 8));
  set(EnergyEvent::kDmaBufferByte, access(sizes.dma_buffer, 8, gates.dma_buffer_byte));
  set(EnergyEvent::kLineByte, sram_access(table, sizes.line, 8));
  set(EnergyEvent::kVpuIntAdd, table.int_add);
  set(EnergyEvent::kVpuFpAdd, table.fp_add);
  set(EnergyEvent::kVpuFpMultiply, table.fp_multiply);
  // Into its queue, and out of it.
  arch::EnergyEntry queue = switched(gates.queue_read);
  queue.value += kInstructionBits * table.register_bit.value;
  set(EnergyEvent::kInstruction, with_beside(table.instruction, queue));
  set(EnergyEvent::kDramReadByte, dram.read_byte);
  set(EnergyEvent::kDramWriteByte, dram.write_byte);
  set(EnergyEvent::kDramActivation, dram.activation);
  set(EnergyEvent::kRegisterCycle, table.clock_bit);
  set(EnergyEvent::kCycle, leakage_cycle(table, arch));
  return costs;
}

EnergyReport make_energy(const program::Program& program, const arch::ArchConfig& arch,
                         const platform::RunResult& result, const report::Report& report,
                         const EnergyTable& table) {
  ProgramEvents events = program_events(program);
  EnergyReport energy;
  energy.activations_gate = result.switching_macs.has_value();
  if (result.switching_macs) gate_activations(*result.switching_macs, events);
  energy.table = table.name;
  energy.node_nm = table.node_nm;
  energy.batch = report.items();
  energy.seconds = report.latency_ms * 1e-3;
  energy.costs = event_costs(table, arch);
  const int64_t registers = unit_registers(table.gates, arch.hw);
  energy.events = run_events(events, result, registers);
  energy.energy = energy_of(energy.events, energy.costs);
  const auto activation = static_cast<size_t>(EnergyEvent::kDramActivation);
  const double rows_pj =
      static_cast<double>(energy.events.counts[activation]) * energy.costs[activation].value;
  for (size_t i = 0; i < report.layers.size(); ++i) {
    const report::LayerReport& layer = report.layers[i];
    const auto own = events.by_tag.find(program.layers[i].tag);
    EnergyEvents counts = own == events.by_tag.end() ? EnergyEvents{} : own->second;
    add_cycles(static_cast<int64_t>(layer.cycles), registers, counts);
    LayerEnergy part{layer.name, energy_of(counts, energy.costs), counts};
    if (report.bytes.total() > 0)
      part.energy.pj[static_cast<size_t>(EnergyPart::kDram)] +=
          rows_pj * static_cast<double>(layer.bytes.total()) /
          static_cast<double>(report.bytes.total());
    energy.layers.push_back(part);
  }
  return energy;
}

EnergyReport merge_energy(const std::vector<EnergyReport>& parts) {
  EnergyReport sum = parts.front();
  for (size_t i = 1; i < parts.size(); ++i) {
    sum.seconds += parts[i].seconds;
    sum.events += parts[i].events;
    sum.layers.insert(sum.layers.end(), parts[i].layers.begin(), parts[i].layers.end());
  }
  sum.energy = energy_of(sum.events, sum.costs);
  return sum;
}

}  // namespace systole::energy
