// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <cstdint>

namespace systole::isa {

inline constexpr int kVersion = 8;
inline constexpr int kInstructionBytes = 64;
inline constexpr int kInstructionWords = kInstructionBytes / 4;

/// The units of the core.
enum class Unit : uint8_t {
  kFetch = 0,  ///< Instruction fetch, decode, check and dispatch.
  kLda = 1,  ///< Activation and parameter load DMA: DRAM to unified buffer, parameter buffer or tables.
  kLdw = 2,  ///< Weight load DMA: DRAM to the ring of weight tiles.
  kMxu = 3,  ///< Matrix unit: the systolic array and its accumulators.
  kVpu = 4,  ///< Vector unit: reduction window, bias, requantisation, residual, clamp, table.
  kSto = 5,  ///< Store DMA: unified buffer to DRAM.
};

inline constexpr int kUnits = 6;

/// The name of a Unit as isa.toml spells it; "?" if it has none.
constexpr const char* unit_name(Unit value) {
  switch (value) {
    case Unit::kFetch: return "fetch";
    case Unit::kLda: return "lda";
    case Unit::kLdw: return "ldw";
    case Unit::kMxu: return "mxu";
    case Unit::kVpu: return "vpu";
    case Unit::kSto: return "sto";
  }
  return "?";
}

/// Operations.
enum class Opcode : uint8_t {
  kSyncLda = 0x10,  ///< Wait and signal, nothing else.
  kLoad = 0x11,  ///< Copy activations from DRAM to the unified buffer, pixel by pixel.
  kLoadWindow = 0x12,  ///< Read rows once and write overlapping windows of them: packs kernel rows, kernel columns and channels of a first layer into lanes.
  kLoadParam = 0x13,  ///< Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.
  kSyncLdw = 0x20,  ///< Wait and signal, nothing else.
  kLoadWeights = 0x21,  ///< Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.
  kLoadCodebook = 0x22,  ///< Load the codebook, the 16 weights that load_weights expands indices to. It starts as zeros.
  kSyncMxu = 0x30,  ///< Wait and signal, nothing else.
  kMatmul = 0x31,  ///< One output tile of an implicit-GEMM convolution: one weight tile for each kernel position and channel group.
  kSyncVpu = 0x40,  ///< Wait and signal, nothing else.
  kVector = 0x41,  ///< One column tile through the vector pipeline: window reduction, bias, scale, residual (added or multiplied), clamp, table, to UB.
  kVectorSet = 0x42,  ///< Set the scalars of the vector pipeline for the instructions that follow. They start undefined.
  kSyncSto = 0x50,  ///< Wait and signal, nothing else.
  kStore = 0x51,  ///< Copy activations from the unified buffer to DRAM: load with source and destination exchanged.
};

/// The name of a Opcode as isa.toml spells it; "?" if it has none.
constexpr const char* opcode_name(Opcode value) {
  switch (value) {
    case Opcode::kSyncLda: return "sync_lda";
    case Opcode::kLoad: return "load";
    case Opcode::kLoadWindow: return "load_window";
    case Opcode::kLoadParam: return "load_param";
    case Opcode::kSyncLdw: return "sync_ldw";
    case Opcode::kLoadWeights: return "load_weights";
    case Opcode::kLoadCodebook: return "load_codebook";
    case Opcode::kSyncMxu: return "sync_mxu";
    case Opcode::kMatmul: return "matmul";
    case Opcode::kSyncVpu: return "sync_vpu";
    case Opcode::kVector: return "vector";
    case Opcode::kVectorSet: return "vector_set";
    case Opcode::kSyncSto: return "sync_sto";
    case Opcode::kStore: return "store";
  }
  return "?";
}

/// Why the core stopped.
enum class Fault : uint8_t {
  kNone = 0,  ///< No fault.
  kIllegalOpcode = 1,  ///< The opcode is not in this table.
  kMalformed = 2,  ///< A field is below its minimum or above its maximum, a reserved bit is set, a wait or signal set names no other unit than itself or an unknown one, a scale is outside [2^-64, 2^64), lo exceeds hi, a slice, lane count, width or weight format does not exist on this array, holes or prefixes come without the bytes of their stream (or it without them), or the diagonal of a tile leaves its UB word.
  kUbRange = 3,  ///< An address outside the unified buffer.
  kAccRange = 4,  ///< A row outside the accumulators.
  kPbRange = 5,  ///< A row outside the parameter buffer or a table outside the table memory.
  kWbCapacity = 6,  ///< A matmul that keeps its tiles needs more of them than the ring holds.
  kDramRange = 7,  ///< A DRAM address of 2^32 or more.
  kBusRead = 8,  ///< The memory answered a read with an error.
  kBusWrite = 9,  ///< The memory answered a write with an error.
};

/// The name of a Fault as isa.toml spells it; "?" if it has none.
constexpr const char* fault_name(Fault value) {
  switch (value) {
    case Fault::kNone: return "none";
    case Fault::kIllegalOpcode: return "illegal_opcode";
    case Fault::kMalformed: return "malformed";
    case Fault::kUbRange: return "ub_range";
    case Fault::kAccRange: return "acc_range";
    case Fault::kPbRange: return "pb_range";
    case Fault::kWbCapacity: return "wb_capacity";
    case Fault::kDramRange: return "dram_range";
    case Fault::kBusRead: return "bus_read";
    case Fault::kBusWrite: return "bus_write";
  }
  return "?";
}

/// Byte addresses of the CSRs.
enum class Csr : uint32_t {
  kId = 0x000,  ///< 0x53595331 ('SYS1').
  kIsaVersion = 0x004,  ///< Version of the instruction set.
  kArray = 0x008,  ///< ROWS in bits 15:0, COLS in bits 31:16.
  kControl = 0x010,  ///< Writing bit 0 starts the program. Ignored while running.
  kStatus = 0x014,  ///< Bit 0: running. Bit 1: finished. Bit 2: fault.
  kProgramBase = 0x018,  ///< DRAM address of the first instruction; a multiple of 64.
  kProgramLength = 0x01c,  ///< Instructions in the program.
  kFaultCode = 0x020,  ///< Fault code; the first fault stays.
  kFaultPc = 0x024,  ///< Number of the instruction that faulted.
  kCounter = 0x100,  ///< Counter i: low word at 0x100 + 8*i, high word at 0x104 + 8*i.
};

}  // namespace systole::isa
