// SPDX-License-Identifier: Apache-2.0
// Adds up areas of the parts of an architecture.
#include "sim/energy/area.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "model/arch/fetch_slots.h"
#include "model/arch/geometry.h"
#include "sim/energy/gates.h"
#include "sim/report/format.h"

namespace systole::energy {
namespace {

constexpr double kUm2PerMm2 = 1e6, kBytesPerKib = 1024, kBitsPerByte = 8;

double kib(double bytes) { return bytes / kBytesPerKib; }

/// The figures of a table that price each kind of gates.
std::array<arch::EnergyEntry, kGateKinds> prices_of(const EnergyTable& table) {
  return {table.mac_area[0], table.mac_area[1],       table.mac_area[2],
          table.mac_area[3], table.register_bit_area, table.int_add_area,
          table.fp_add_area, table.fp_multiply_area,  table.gate_area};
}

/// A part of gates and of KiB of memory macros.
AreaPart part(const EnergyTable& table, std::string name, std::string what, const Gates& gates,
              double size_kib = 0) {
  AreaPart area{std::move(name), std::move(what), 0, false};
  const auto add = [&area](const arch::EnergyEntry& price, double count) {
    if (count == 0) return;
    area.mm2 += price.value * count / kUm2PerMm2;
    area.extrapolated |= price.extrapolated;
  };
  const std::array<arch::EnergyEntry, kGateKinds> prices = prices_of(table);
  for (size_t k = 0; k < kGateKinds; ++k) add(prices[k], gates.of[k] / table.gates.reference[k]);
  add(table.sram_kib_area, size_kib);
  return area;
}

std::string gates_text(const Gates& gates) {
  return report::with_commas(static_cast<uint64_t>(std::llround(gates.total()))) + " gates";
}

}  // namespace

MemorySizes::MemorySizes(const isa::HwParams& hw) {
  const arch::Geometry geo(hw);
  unified_buffer = hw.ub_kib;
  weight_buffer = kib(1.0 * hw.wb_tiles * hw.rows * hw.cols * cell_bits(hw) / kBitsPerByte);
  accumulators = kib(4.0 * hw.acc_rows * hw.cols);
  parameters = kib(1.0 * hw.pb_rows * geo.pb_row_bytes);
  tables = 1;
  dma_buffer = kib(1.0 * hw.outstanding * geo.burst_bytes);
  fetch_buffer = kib(1.0 * arch::fetch_slots(hw) * geo.burst_bytes);
  line = kib(kLineBytes);
}

AreaReport estimate_area(const EnergyTable& table, const isa::HwParams& hw) {
  const MemorySizes sizes(hw);
  const CoreGates core = count_gates(table.gates, hw);
  const auto with_memory = [&](const char* name, const Gates& gates, double size) {
    std::string what = fmt::format("{:.6g} KiB", size);
    if (gates.total() > 0) what += ", " + gates_text(gates);
    return part(table, name, what, gates, size);
  };
  AreaReport report;
  report.parts = {
      part(table, "matrix unit",
           fmt::format("{} x {} elements, {}", hw.rows, hw.cols, gates_text(core.matrix_unit)),
           core.matrix_unit),
      with_memory("unified buffer", core.unified_buffer, sizes.unified_buffer),
      with_memory("weight buffer", core.weight_buffer, sizes.weight_buffer),
      with_memory("accumulators", core.accumulators, sizes.accumulators),
      with_memory("parameters", {}, sizes.parameters),
      part(table, "tables", "1 KiB of flip-flops, " + gates_text(core.tables), core.tables),
      part(table, "DMA buffers",
           fmt::format("3 x {:.6g} KiB, {:.6g} KiB and a line of flip-flops, {}", sizes.dma_buffer,
                       sizes.fetch_buffer, gates_text(core.dma_buffers)),
           core.dma_buffers),
      part(table, "vector unit", fmt::format("{} lanes, {}", hw.cols, gates_text(core.vector_unit)),
           core.vector_unit),
      part(table, "DMA engines", gates_text(core.dma_engines), core.dma_engines),
      part(table, "control", gates_text(core.control), core.control)};
  return report;
}

double AreaReport::total_mm2() const {
  double sum = 0;
  for (const AreaPart& part : parts) sum += part.mm2;
  return sum;
}

}  // namespace systole::energy
