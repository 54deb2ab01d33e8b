// SPDX-License-Identifier: Apache-2.0
// Adds up areas of the parts of an architecture.
#include "sim/energy/area.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/arch/geometry.h"
#include "sim/energy/compute_widths.h"

namespace systole::energy {
namespace {

constexpr double kUm2PerMm2 = 1e6, kBytesPerKib = 1024;
// Registers of a processing element: activation, weight, sum.
constexpr int kElementBits = 8 + 8 + 32;
constexpr int kDmaEngines = 4;  // fetch, lda, ldw, sto
// A lane of the vector unit (rtl/sys_vpu_lane.sv): scale, scales of residual and first rounding,
// product; conversion, two roundings, sum; reduction, bias.
constexpr int kLaneMultipliers = 4, kLaneFpAdders = 4, kLaneIntAdders = 2;

double kib(double bytes) { return bytes / kBytesPerKib; }

AreaPart array_part(const EnergyTable& table, const isa::HwParams& hw) {
  double um2 = kElementBits * table.register_bit_area.value;
  bool extrapolated = table.register_bit_area.extrapolated;
  for (const int bits : array_widths(hw)) {
    const auto width = std::find(kMacWidths.begin(), kMacWidths.end(), bits) - kMacWidths.begin();
    const arch::EnergyEntry& mac = table.mac_area[static_cast<size_t>(width)];
    um2 += mac.value;
    extrapolated |= mac.extrapolated;
  }
  return {"matrix unit", fmt::format("{} x {} elements of {:.4g} um2", hw.rows, hw.cols, um2),
          um2 * hw.rows * hw.cols / kUm2PerMm2, extrapolated};
}

AreaPart memory_part(const std::string& name, double size, const EnergyTable& table) {
  return {name, fmt::format("{:.6g} KiB", size), size * table.sram_kib_area.value / kUm2PerMm2,
          table.sram_kib_area.extrapolated};
}

AreaPart vector_part(const EnergyTable& table, const isa::HwParams& hw) {
  const double um2 = kLaneMultipliers * table.fp_multiply_area.value +
                     kLaneFpAdders * table.fp_add_area.value +
                     kLaneIntAdders * table.int_add_area.value;
  return {"vector unit", fmt::format("{} lanes of {:.5g} um2", hw.cols, um2),
          um2 * hw.cols / kUm2PerMm2,
          table.fp_multiply_area.extrapolated || table.fp_add_area.extrapolated ||
              table.int_add_area.extrapolated};
}

}  // namespace

MemorySizes::MemorySizes(const isa::HwParams& hw) {
  const arch::Geometry geo(hw);
  unified_buffer = hw.ub_kib;
  weight_buffer = kib(1.0 * hw.wb_tiles * hw.rows * hw.cols);
  accumulators = kib(4.0 * hw.acc_rows * hw.cols);
  parameters = kib(1.0 * hw.pb_rows * geo.pb_row_bytes);
  tables = 1;
  dma_buffer = kib(1.0 * hw.outstanding * geo.burst_bytes);
}

AreaReport estimate_area(const EnergyTable& table, const isa::HwParams& hw) {
  const MemorySizes sizes(hw);
  AreaReport report;
  report.parts = {array_part(table, hw),
                  memory_part("unified buffer", sizes.unified_buffer, table),
                  memory_part("weight buffer", sizes.weight_buffer, table),
                  memory_part("accumulators", sizes.accumulators, table),
                  memory_part("parameters, tables", sizes.parameters + sizes.tables, table),
                  memory_part("DMA buffers", kDmaEngines * sizes.dma_buffer, table),
                  vector_part(table, hw)};
  return report;
}

double AreaReport::total_mm2() const {
  double sum = 0;
  for (const AreaPart& part : parts) sum += part.mm2;
  return sum;
}

}  // namespace systole::energy
