// SPDX-License-Identifier: Apache-2.0
// How many gates the core's units have, whatever the technology (docs/energy.md, "Area").
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/isa/isa.h"

namespace systole::energy {

/// What gates are part of: a table of energies has a price for each kind.
enum class GateKind { kMac8, kMac4, kMac2, kMac1, kRegister, kIntAdd, kFpAdd, kFpMultiply, kOther };
inline constexpr size_t kGateKinds = 9;

/// Gate equivalents (NANDs of two inputs) by kind.
struct Gates {
  std::array<double, kGateKinds> of{};

  double& operator[](GateKind kind) { return of[static_cast<size_t>(kind)]; }
  double operator[](GateKind kind) const { return of[static_cast<size_t>(kind)]; }
  Gates& operator+=(const Gates& other);
  double total() const;
};

/// Figures counted by Yosys, from configs/gates/core.yaml: gate equivalents of what is built once,
/// or once for each row, column, byte, ...
struct GateTable {
  /// What a published figure of a table of energies stands for, at the table's own node.
  std::array<double, kGateKinds> reference{};
  double register_bit = 0, multiplexer = 0, shift_bit = 0;  // of a bit
  struct {
    double bits8 = 0, bits4 = 0, bits2 = 0, bits1 = 0, structured = 0, structured_narrow = 0;
  } element;
  struct {
    double fixed = 0, row = 0, row_structured = 0, byte_narrow = 0;
  } matrix_unit;
  struct {
    double bank = 0, bank_byte = 0;
  } unified_buffer;
  struct {
    double multiply = 0, add = 0, integer = 0, other = 0, narrow = 0, table = 0;
  } lane;
  struct {
    double fixed = 0, byte = 0;
  } load;
  struct {
    double fixed = 0, column = 0, bits4 = 0, bits2 = 0, bits1 = 0, codebook = 0, mask = 0, rank = 0,
           structured = 0;
  } weights;
  struct {
    double fixed = 0, shift_bit = 0;
  } store;
  struct {
    double byte = 0, slot = 0;
  } bus;
  double accumulator_column = 0, ring_fixed = 0, vector_fixed = 0, fetch_fixed = 0, issue_fixed = 0,
         lock = 0, control = 0;
  struct {
    double fixed = 0, row = 0, column = 0, word_byte = 0, axi_byte = 0;
  } registers;  // flip-flops, not gates
};

/// Reads the table by name (from the configuration directories, folder gates) or by path. Throws
/// Error with file, line and key.
GateTable load_gate_table(const std::string& name_or_path);
inline constexpr const char* kGateTable = "core";

inline constexpr int kByteBits = 8, kSumBits = 32, kInstructionBits = 512;
inline constexpr int kLineBytes = 4096;  ///< of load_window (rtl/sys_line.sv)

/// Bits of a column of a weight tile's row: a byte, and which channels it meets (2:4).
int cell_bits(const isa::HwParams& hw);

/// The gates of a core by part, memories that are macros not among them.
struct CoreGates {
  Gates matrix_unit, unified_buffer, weight_buffer, accumulators, tables, dma_buffers, vector_unit,
      dma_engines, control;
  double total() const;
};
CoreGates count_gates(const GateTable& table, const isa::HwParams& hw);

}  // namespace systole::energy
