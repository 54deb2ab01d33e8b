// SPDX-License-Identifier: Apache-2.0
// Takes gates from the table by what is used of them.
#include "sim/energy/switching.h"

#include <cmath>

#include "model/arch/geometry.h"

namespace systole::energy {
namespace {

constexpr int kUbPorts = 5;  // three readers and two writers, whose gates the table has together

/// Columns of the weight DMA, whose options are built or not.
void count_weights(const GateTable& table, const isa::HwParams& hw, SwitchedGates& gates) {
  const auto& weights = table.weights;
  if (hw.weight_bits <= 4) gates.expanded_weight += weights.bits4;
  if (hw.weight_bits <= 2) gates.expanded_weight += weights.bits2;
  if (hw.weight_bits <= 1) gates.expanded_weight += weights.bits1;
  if (hw.codebook) gates.codebook_weight = weights.codebook;
  if (hw.bitmask) gates.masked_weight = weights.mask + weights.rank * hw.cols;
  if (hw.structured) gates.structured_weight = weights.structured;
}

}  // namespace

SwitchedGates switched_gates(const GateTable& table, const isa::HwParams& hw) {
  const arch::Geometry geo(hw);
  SwitchedGates gates;
  count_weights(table, hw, gates);
  if (hw.structured) {
    gates.selection = table.element.structured;
    if (geo.act_bits <= 4) gates.selection += table.element.structured_narrow;
  }
  gates.expanded_activation = table.matrix_unit.byte_narrow * std::log2(kByteBits / geo.act_bits);
  gates.unified_buffer_access =
      table.unified_buffer.bank_byte * hw.ub_banks * geo.word_bytes / kUbPorts;
  // A byte is shifted once between its two passes of the buffer.
  gates.dma_buffer_byte = kByteBits * std::log2(geo.axi_bytes) * table.shift_bit / 2;
  gates.queue_read = kInstructionBits * std::log2(hw.queue_depth) * table.multiplexer;
  return gates;
}

int64_t unit_registers(const GateTable& table, const isa::HwParams& hw) {
  const arch::Geometry geo(hw);
  const auto& count = table.registers;
  return std::llround(count.fixed + count.row * hw.rows + count.column * hw.cols +
                      count.word_byte * geo.word_bytes + count.axi_byte * geo.axi_bytes);
}

}  // namespace systole::energy
