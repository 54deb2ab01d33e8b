// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace systole::isa {

inline constexpr int kVersion = 2;
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
  kLoadWindow = 0x12,  ///< Read rows once and write overlapping windows of them: packs kernel width and channels of a first layer into lanes.
  kLoadParam = 0x13,  ///< Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.
  kSyncLdw = 0x20,  ///< Wait and signal, nothing else.
  kLoadWeights = 0x21,  ///< Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.
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
  kMalformed = 2,  ///< A field is below its minimum or above its maximum, a reserved bit is set, a wait or signal set names no other unit than itself or an unknown one, a scale is outside [2^-64, 2^64), lo exceeds hi, a slice or lane count does not exist on this array, or the diagonal of a tile leaves its UB word.
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

/// What a unit does in a cycle.
enum class Cause : uint8_t {
  kBusy = 0,  ///< Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu).
  kSetup = 1,  ///< Fixed start latency: token taken, ports acquired, parameters read.
  kDrain = 2,  ///< Fixed finish latency: the pipeline empties and nothing else holds the unit.
  kSemLda = 3,  ///< Waiting for a token from lda.
  kSemLdw = 4,  ///< Waiting for a token from ldw.
  kSemMxu = 5,  ///< Waiting for a token from mxu.
  kSemVpu = 6,  ///< Waiting for a token from vpu.
  kSemSto = 7,  ///< Waiting for a token from sto.
  kBank = 8,  ///< Waiting for a (bank, port) that another unit holds.
  kMemory = 9,  ///< Waiting for DRAM: latency, bandwidth or the AXI port.
  kWeights = 10,  ///< mxu: the next weight tile has not arrived. ldw: no free tile in the ring.
  kWeightLoad = 11,  ///< mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows).
  kQueue = 12,  ///< fetch: the instruction's queue is full.
  kFetch = 13,  ///< Queue empty while the program is not fully dispatched.
  kIdle = 14,  ///< Queue empty and the program fully dispatched, or stopped by a fault.
};

inline constexpr int kCauses = 15;

/// The name of a Cause as isa.toml spells it; "?" if it has none.
constexpr const char* cause_name(Cause value) {
  switch (value) {
    case Cause::kBusy: return "busy";
    case Cause::kSetup: return "setup";
    case Cause::kDrain: return "drain";
    case Cause::kSemLda: return "sem_lda";
    case Cause::kSemLdw: return "sem_ldw";
    case Cause::kSemMxu: return "sem_mxu";
    case Cause::kSemVpu: return "sem_vpu";
    case Cause::kSemSto: return "sem_sto";
    case Cause::kBank: return "bank";
    case Cause::kMemory: return "memory";
    case Cause::kWeights: return "weights";
    case Cause::kWeightLoad: return "weight_load";
    case Cause::kQueue: return "queue";
    case Cause::kFetch: return "fetch";
    case Cause::kIdle: return "idle";
  }
  return "?";
}

/// Event counters; the cause counters follow them.
enum class Counter : uint16_t {
  kCycles = 0,  ///< Cycles from start to finish.
  kReadBytesInstructions = 1,  ///< AXI payload bytes read by fetch.
  kReadBytesActivations = 2,  ///< AXI payload bytes read by load and load_window.
  kReadBytesParams = 3,  ///< AXI payload bytes read by load_param.
  kReadBytesWeights = 4,  ///< AXI payload bytes read by load_weights.
  kWriteBytes = 5,  ///< AXI payload bytes written by store.
  kReadBursts = 6,  ///< AXI read bursts granted.
  kWriteBursts = 7,  ///< AXI write bursts put on the bus.
  kReadBeats = 8,  ///< AXI read beats of the granted bursts.
  kWriteBeats = 9,  ///< AXI write beats of the bursts put on the bus.
  kMxuTiles = 10,  ///< Weight tiles that entered the array.
  kMxuRows = 11,  ///< Activation rows streamed into the array.
  kMxuPadRows = 12,  ///< Streamed rows that were padding.
  kVpuTaps = 13,  ///< Window taps of the vector unit, padding included, residual reads not.
  kVpuOutputs = 14,  ///< Rows of COLS lanes that the vector unit wrote.
  kRetiredLda = 15,  ///< Instructions that ended in lda.
  kRetiredLdw = 16,  ///< Instructions that ended in ldw.
  kRetiredMxu = 17,  ///< Instructions that ended in mxu.
  kRetiredVpu = 18,  ///< Instructions that ended in vpu.
  kRetiredSto = 19,  ///< Instructions that ended in sto.
};

inline constexpr int kEventCounters = 20;
inline constexpr int kCounters = kEventCounters + kUnits * kCauses;

/// Index of the counter of the cycles that `unit` spent for `cause`.
constexpr int cause_counter(Unit unit, Cause cause) {
  return kEventCounters + static_cast<int>(unit) * kCauses + static_cast<int>(cause);
}

/// Name, unit and meaning of a counter.
struct CounterInfo { const char* name; const char* unit; const char* doc; };
inline constexpr std::array<CounterInfo, kCounters> kCounterInfo{{
    {"cycles", "cycles", "Cycles from start to finish."},
    {"read_bytes_instructions", "bytes", "AXI payload bytes read by fetch."},
    {"read_bytes_activations", "bytes", "AXI payload bytes read by load and load_window."},
    {"read_bytes_params", "bytes", "AXI payload bytes read by load_param."},
    {"read_bytes_weights", "bytes", "AXI payload bytes read by load_weights."},
    {"write_bytes", "bytes", "AXI payload bytes written by store."},
    {"read_bursts", "bursts", "AXI read bursts granted."},
    {"write_bursts", "bursts", "AXI write bursts put on the bus."},
    {"read_beats", "beats", "AXI read beats of the granted bursts."},
    {"write_beats", "beats", "AXI write beats of the bursts put on the bus."},
    {"mxu_tiles", "tiles", "Weight tiles that entered the array."},
    {"mxu_rows", "rows", "Activation rows streamed into the array."},
    {"mxu_pad_rows", "rows", "Streamed rows that were padding."},
    {"vpu_taps", "reads", "Window taps of the vector unit, padding included, residual reads not."},
    {"vpu_outputs", "rows", "Rows of COLS lanes that the vector unit wrote."},
    {"retired_lda", "instructions", "Instructions that ended in lda."},
    {"retired_ldw", "instructions", "Instructions that ended in ldw."},
    {"retired_mxu", "instructions", "Instructions that ended in mxu."},
    {"retired_vpu", "instructions", "Instructions that ended in vpu."},
    {"retired_sto", "instructions", "Instructions that ended in sto."},
    {"fetch_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu)."},
    {"fetch_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read."},
    {"fetch_drain", "cycles", "Fixed finish latency: the pipeline empties and nothing else holds the unit."},
    {"fetch_sem_lda", "cycles", "Waiting for a token from lda."},
    {"fetch_sem_ldw", "cycles", "Waiting for a token from ldw."},
    {"fetch_sem_mxu", "cycles", "Waiting for a token from mxu."},
    {"fetch_sem_vpu", "cycles", "Waiting for a token from vpu."},
    {"fetch_sem_sto", "cycles", "Waiting for a token from sto."},
    {"fetch_bank", "cycles", "Waiting for a (bank, port) that another unit holds."},
    {"fetch_memory", "cycles", "Waiting for DRAM: latency, bandwidth or the AXI port."},
    {"fetch_weights", "cycles", "mxu: the next weight tile has not arrived. ldw: no free tile in the ring."},
    {"fetch_weight_load", "cycles", "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows)."},
    {"fetch_queue", "cycles", "fetch: the instruction's queue is full."},
    {"fetch_fetch", "cycles", "Queue empty while the program is not fully dispatched."},
    {"fetch_idle", "cycles", "Queue empty and the program fully dispatched, or stopped by a fault."},
    {"lda_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu)."},
    {"lda_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read."},
    {"lda_drain", "cycles", "Fixed finish latency: the pipeline empties and nothing else holds the unit."},
    {"lda_sem_lda", "cycles", "Waiting for a token from lda."},
    {"lda_sem_ldw", "cycles", "Waiting for a token from ldw."},
    {"lda_sem_mxu", "cycles", "Waiting for a token from mxu."},
    {"lda_sem_vpu", "cycles", "Waiting for a token from vpu."},
    {"lda_sem_sto", "cycles", "Waiting for a token from sto."},
    {"lda_bank", "cycles", "Waiting for a (bank, port) that another unit holds."},
    {"lda_memory", "cycles", "Waiting for DRAM: latency, bandwidth or the AXI port."},
    {"lda_weights", "cycles", "mxu: the next weight tile has not arrived. ldw: no free tile in the ring."},
    {"lda_weight_load", "cycles", "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows)."},
    {"lda_queue", "cycles", "fetch: the instruction's queue is full."},
    {"lda_fetch", "cycles", "Queue empty while the program is not fully dispatched."},
    {"lda_idle", "cycles", "Queue empty and the program fully dispatched, or stopped by a fault."},
    {"ldw_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu)."},
    {"ldw_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read."},
    {"ldw_drain", "cycles", "Fixed finish latency: the pipeline empties and nothing else holds the unit."},
    {"ldw_sem_lda", "cycles", "Waiting for a token from lda."},
    {"ldw_sem_ldw", "cycles", "Waiting for a token from ldw."},
    {"ldw_sem_mxu", "cycles", "Waiting for a token from mxu."},
    {"ldw_sem_vpu", "cycles", "Waiting for a token from vpu."},
    {"ldw_sem_sto", "cycles", "Waiting for a token from sto."},
    {"ldw_bank", "cycles", "Waiting for a (bank, port) that another unit holds."},
    {"ldw_memory", "cycles", "Waiting for DRAM: latency, bandwidth or the AXI port."},
    {"ldw_weights", "cycles", "mxu: the next weight tile has not arrived. ldw: no free tile in the ring."},
    {"ldw_weight_load", "cycles", "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows)."},
    {"ldw_queue", "cycles", "fetch: the instruction's queue is full."},
    {"ldw_fetch", "cycles", "Queue empty while the program is not fully dispatched."},
    {"ldw_idle", "cycles", "Queue empty and the program fully dispatched, or stopped by a fault."},
    {"mxu_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu)."},
    {"mxu_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read."},
    {"mxu_drain", "cycles", "Fixed finish latency: the pipeline empties and nothing else holds the unit."},
    {"mxu_sem_lda", "cycles", "Waiting for a token from lda."},
    {"mxu_sem_ldw", "cycles", "Waiting for a token from ldw."},
    {"mxu_sem_mxu", "cycles", "Waiting for a token from mxu."},
    {"mxu_sem_vpu", "cycles", "Waiting for a token from vpu."},
    {"mxu_sem_sto", "cycles", "Waiting for a token from sto."},
    {"mxu_bank", "cycles", "Waiting for a (bank, port) that another unit holds."},
    {"mxu_memory", "cycles", "Waiting for DRAM: latency, bandwidth or the AXI port."},
    {"mxu_weights", "cycles", "mxu: the next weight tile has not arrived. ldw: no free tile in the ring."},
    {"mxu_weight_load", "cycles", "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows)."},
    {"mxu_queue", "cycles", "fetch: the instruction's queue is full."},
    {"mxu_fetch", "cycles", "Queue empty while the program is not fully dispatched."},
    {"mxu_idle", "cycles", "Queue empty and the program fully dispatched, or stopped by a fault."},
    {"vpu_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu)."},
    {"vpu_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read."},
    {"vpu_drain", "cycles", "Fixed finish latency: the pipeline empties and nothing else holds the unit."},
    {"vpu_sem_lda", "cycles", "Waiting for a token from lda."},
    {"vpu_sem_ldw", "cycles", "Waiting for a token from ldw."},
    {"vpu_sem_mxu", "cycles", "Waiting for a token from mxu."},
    {"vpu_sem_vpu", "cycles", "Waiting for a token from vpu."},
    {"vpu_sem_sto", "cycles", "Waiting for a token from sto."},
    {"vpu_bank", "cycles", "Waiting for a (bank, port) that another unit holds."},
    {"vpu_memory", "cycles", "Waiting for DRAM: latency, bandwidth or the AXI port."},
    {"vpu_weights", "cycles", "mxu: the next weight tile has not arrived. ldw: no free tile in the ring."},
    {"vpu_weight_load", "cycles", "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows)."},
    {"vpu_queue", "cycles", "fetch: the instruction's queue is full."},
    {"vpu_fetch", "cycles", "Queue empty while the program is not fully dispatched."},
    {"vpu_idle", "cycles", "Queue empty and the program fully dispatched, or stopped by a fault."},
    {"sto_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu)."},
    {"sto_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read."},
    {"sto_drain", "cycles", "Fixed finish latency: the pipeline empties and nothing else holds the unit."},
    {"sto_sem_lda", "cycles", "Waiting for a token from lda."},
    {"sto_sem_ldw", "cycles", "Waiting for a token from ldw."},
    {"sto_sem_mxu", "cycles", "Waiting for a token from mxu."},
    {"sto_sem_vpu", "cycles", "Waiting for a token from vpu."},
    {"sto_sem_sto", "cycles", "Waiting for a token from sto."},
    {"sto_bank", "cycles", "Waiting for a (bank, port) that another unit holds."},
    {"sto_memory", "cycles", "Waiting for DRAM: latency, bandwidth or the AXI port."},
    {"sto_weights", "cycles", "mxu: the next weight tile has not arrived. ldw: no free tile in the ring."},
    {"sto_weight_load", "cycles", "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows)."},
    {"sto_queue", "cycles", "fetch: the instruction's queue is full."},
    {"sto_fetch", "cycles", "Queue empty while the program is not fully dispatched."},
    {"sto_idle", "cycles", "Queue empty and the program fully dispatched, or stopped by a fault."},
}};

/// One instruction as it stands in memory: 16 little-endian words.
using Words = std::array<uint32_t, kInstructionWords>;

enum class FieldKind : uint8_t { kUnsigned, kSigned, kFloat };

/// Place, kind and legal range of a field (kFloat: range unused).
struct FieldInfo {
  const char* name; uint8_t word; uint8_t lsb; uint8_t width; FieldKind kind;
  int64_t min; int64_t max; const char* doc;
};

/// The raw bits of a field.
constexpr uint32_t get_bits(const Words& w, int word, int lsb, int width) {
  return static_cast<uint32_t>((uint64_t{w[word]} >> lsb) & ((uint64_t{1} << width) - 1));
}
/// Sets the raw bits of a field; excess bits of value are dropped.
constexpr void set_bits(Words& w, int word, int lsb, int width, uint32_t value) {
  const uint64_t mask = (uint64_t{1} << width) - 1;
  w[word] = static_cast<uint32_t>((w[word] & ~(mask << lsb)) | ((value & mask) << lsb));
}
constexpr int32_t sign_extend(uint32_t value, int width) {
  return static_cast<int32_t>(value << (32 - width)) >> (32 - width);
}

/// The fields that every instruction has. `opcode` is raw.
struct Header {
  uint8_t opcode = 0;  ///< High nibble: unit. Low nibble: operation.
  uint16_t tag = 0;  ///< Free label (the compiler's layer number); appears in the retire log.
  uint16_t wait = 0;  ///< Wait set: bit p takes one token from semaphore (p, this unit).
  uint16_t signal = 0;  ///< Signal set: bit c gives one token to semaphore (this unit, c) when the instruction ends.
  bool operator==(const Header&) const = default;
  static constexpr Header decode([[maybe_unused]] const Words& w) {
    Header r;
    r.opcode = static_cast<uint8_t>(get_bits(w, 0, 0, 8));
    r.tag = static_cast<uint16_t>(get_bits(w, 0, 16, 16));
    r.wait = static_cast<uint16_t>(get_bits(w, 1, 0, 16));
    r.signal = static_cast<uint16_t>(get_bits(w, 1, 16, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 0, 0, 8, static_cast<uint32_t>(opcode));
    set_bits(w, 0, 16, 16, static_cast<uint32_t>(tag));
    set_bits(w, 1, 0, 16, static_cast<uint32_t>(wait));
    set_bits(w, 1, 16, 16, static_cast<uint32_t>(signal));
  }
};

/// Wait and signal, nothing else.
struct SyncLda {
  static constexpr Opcode kOpcode = Opcode::kSyncLda;
  bool operator==(const SyncLda&) const = default;
  static constexpr SyncLda decode([[maybe_unused]] const Words& w) {
    SyncLda r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// Copy activations from DRAM to the unified buffer, pixel by pixel.
struct Load {
  static constexpr Opcode kOpcode = Opcode::kLoad;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t dram_stride0 = 0;  ///< DRAM bytes between steps of the outermost loop.
  uint32_t dram_stride1 = 0;  ///< DRAM bytes between steps of the middle loop.
  uint32_t dram_stride2 = 0;  ///< DRAM bytes between steps of the innermost loop.
  uint32_t ub_addr = 0;  ///< First UB word.
  uint32_t ub_stride0 = 0;  ///< UB words between steps of the outermost loop.
  uint32_t ub_stride1 = 0;  ///< UB words between steps of the middle loop.
  uint32_t ub_stride2 = 0;  ///< UB words between steps of the innermost loop.
  uint16_t count0 = 1;  ///< Steps of the outermost loop.
  uint16_t count1 = 1;  ///< Steps of the middle loop.
  uint16_t count2 = 1;  ///< Steps of the innermost loop.
  uint16_t pixels = 1;  ///< Pixels of one contiguous run of DRAM.
  uint16_t pixel_bytes = 1;  ///< Bytes of one pixel; a pixel starts a new UB word.
  uint16_t ub_pixel_stride = 0;  ///< UB words between pixels.
  bool operator==(const Load&) const = default;
  static constexpr Load decode([[maybe_unused]] const Words& w) {
    Load r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.dram_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.dram_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 32));
    r.dram_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 32));
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 7, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.ub_stride2 = static_cast<uint32_t>(get_bits(w, 9, 0, 24));
    r.count0 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.count1 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.count2 = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.pixels = static_cast<uint16_t>(get_bits(w, 11, 16, 16));
    r.pixel_bytes = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.ub_pixel_stride = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(dram_stride0));
    set_bits(w, 4, 0, 32, static_cast<uint32_t>(dram_stride1));
    set_bits(w, 5, 0, 32, static_cast<uint32_t>(dram_stride2));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 7, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 9, 0, 24, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count0));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(count1));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(count2));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(pixels));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(pixel_bytes));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(ub_pixel_stride));
  }
};

/// Read rows once and write overlapping windows of them: packs kernel width and channels of a first layer into lanes.
struct LoadWindow {
  static constexpr Opcode kOpcode = Opcode::kLoadWindow;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t dram_stride0 = 0;  ///< DRAM bytes between steps of the outer loop.
  uint32_t dram_stride1 = 0;  ///< DRAM bytes between rows.
  uint32_t ub_addr = 0;  ///< First UB word.
  uint32_t ub_stride0 = 0;  ///< UB words between steps of the outer loop.
  uint32_t ub_stride1 = 0;  ///< UB words between rows.
  uint16_t count0 = 1;  ///< Steps of the outer loop.
  uint16_t count1 = 1;  ///< Rows.
  uint16_t row_bytes = 1;  ///< Bytes of a row; at most the line buffer.
  uint16_t windows = 1;  ///< Windows of a row.
  uint16_t size = 1;  ///< Bytes of a window.
  uint16_t step = 1;  ///< Bytes between window starts.
  uint16_t pad_left = 0;  ///< Bytes of padding before the row.
  int8_t pad_byte = 0;  ///< Value of bytes outside the row.
  bool operator==(const LoadWindow&) const = default;
  static constexpr LoadWindow decode([[maybe_unused]] const Words& w) {
    LoadWindow r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.dram_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.dram_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 32));
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 7, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.count0 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.count1 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.row_bytes = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.windows = static_cast<uint16_t>(get_bits(w, 11, 16, 16));
    r.size = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.step = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    r.pad_left = static_cast<uint16_t>(get_bits(w, 13, 0, 16));
    r.pad_byte = static_cast<int8_t>(sign_extend(get_bits(w, 13, 16, 8), 8));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(dram_stride0));
    set_bits(w, 4, 0, 32, static_cast<uint32_t>(dram_stride1));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 7, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count0));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(count1));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(row_bytes));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(windows));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(size));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(step));
    set_bits(w, 13, 0, 16, static_cast<uint32_t>(pad_left));
    set_bits(w, 13, 16, 8, static_cast<uint32_t>(pad_byte));
  }
};

/// Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.
struct LoadParam {
  static constexpr Opcode kOpcode = Opcode::kLoadParam;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint16_t row = 0;  ///< First parameter row, or first table.
  bool target = false;  ///< 0: parameter buffer. 1: table memory.
  uint16_t count = 1;  ///< Parameter rows, or tables.
  bool operator==(const LoadParam&) const = default;
  static constexpr LoadParam decode([[maybe_unused]] const Words& w) {
    LoadParam r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.row = static_cast<uint16_t>(get_bits(w, 6, 0, 16));
    r.target = get_bits(w, 6, 31, 1) != 0;
    r.count = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 6, 0, 16, static_cast<uint32_t>(row));
    set_bits(w, 6, 31, 1, static_cast<uint32_t>(target));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count));
  }
};

/// Wait and signal, nothing else.
struct SyncLdw {
  static constexpr Opcode kOpcode = Opcode::kSyncLdw;
  bool operator==(const SyncLdw&) const = default;
  static constexpr SyncLdw decode([[maybe_unused]] const Words& w) {
    SyncLdw r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.
struct LoadWeights {
  static constexpr Opcode kOpcode = Opcode::kLoadWeights;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint16_t positions = 1;  ///< Kernel positions.
  uint16_t channels = 1;  ///< Input channels of a position; they are cut into groups as UB words are.
  uint16_t cols = 1;  ///< Bytes of a tile row; at most COLS. Diagonal: bytes of a position.
  bool diagonal = false;  ///< 1: each position gives the diagonals of its tiles; the channels are those of one UB word.
  uint8_t first = 0;  ///< Diagonal: channel of column 0; first + cols is at most channels. Else 0.
  bool operator==(const LoadWeights&) const = default;
  static constexpr LoadWeights decode([[maybe_unused]] const Words& w) {
    LoadWeights r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.positions = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.channels = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.cols = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.diagonal = get_bits(w, 11, 16, 1) != 0;
    r.first = static_cast<uint8_t>(get_bits(w, 11, 24, 8));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(positions));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(channels));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(cols));
    set_bits(w, 11, 16, 1, static_cast<uint32_t>(diagonal));
    set_bits(w, 11, 24, 8, static_cast<uint32_t>(first));
  }
};

/// Wait and signal, nothing else.
struct SyncMxu {
  static constexpr Opcode kOpcode = Opcode::kSyncMxu;
  bool operator==(const SyncMxu&) const = default;
  static constexpr SyncMxu decode([[maybe_unused]] const Words& w) {
    SyncMxu r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// One output tile of an implicit-GEMM convolution: one weight tile for each kernel position and channel group.
struct Matmul {
  static constexpr Opcode kOpcode = Opcode::kMatmul;
  uint32_t ub_addr = 0;  ///< UB word of input row 0, column 0, first channel word.
  bool accumulate = false;  ///< 1: the first tile adds to ACC instead of overwriting it.
  bool keep = false;  ///< 1: the tiles stay in the ring for the next instruction.
  uint32_t ub_stride0 = 0;  ///< UB words between batch items.
  uint32_t ub_stride1 = 0;  ///< UB words between input rows.
  uint32_t ub_stride2 = 0;  ///< UB words between input columns.
  int16_t h0 = 0;  ///< Input row of output row 0, kernel row 0.
  int16_t w0 = 0;  ///< Input column of output column 0, kernel column 0.
  uint16_t height = 1;  ///< Input rows held in UB; outside them is padding.
  uint16_t width = 1;  ///< Input columns held in UB; outside them is padding.
  uint16_t n = 1;  ///< Batch items.
  uint16_t oh = 1;  ///< Output rows.
  uint16_t ow = 1;  ///< Output columns.
  uint16_t channels = 1;  ///< Input channels, from lane 0 of the first word.
  uint8_t kh = 1;  ///< Kernel rows.
  uint8_t kw = 1;  ///< Kernel columns.
  uint8_t stride_h = 1;  ///< Row stride.
  uint8_t stride_w = 1;  ///< Column stride.
  uint8_t dil_h = 1;  ///< Row dilation.
  uint8_t dil_w = 1;  ///< Column dilation.
  int8_t pad_byte = 0;  ///< Activation value outside the input.
  uint16_t acc_addr = 0;  ///< First ACC row.
  bool operator==(const Matmul&) const = default;
  static constexpr Matmul decode([[maybe_unused]] const Words& w) {
    Matmul r;
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 24));
    r.accumulate = get_bits(w, 2, 24, 1) != 0;
    r.keep = get_bits(w, 2, 25, 1) != 0;
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 24));
    r.ub_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 24));
    r.h0 = static_cast<int16_t>(sign_extend(get_bits(w, 6, 0, 16), 16));
    r.w0 = static_cast<int16_t>(sign_extend(get_bits(w, 6, 16, 16), 16));
    r.height = static_cast<uint16_t>(get_bits(w, 7, 0, 16));
    r.width = static_cast<uint16_t>(get_bits(w, 7, 16, 16));
    r.n = static_cast<uint16_t>(get_bits(w, 8, 0, 16));
    r.oh = static_cast<uint16_t>(get_bits(w, 8, 16, 16));
    r.ow = static_cast<uint16_t>(get_bits(w, 9, 0, 16));
    r.channels = static_cast<uint16_t>(get_bits(w, 9, 16, 16));
    r.kh = static_cast<uint8_t>(get_bits(w, 10, 0, 8));
    r.kw = static_cast<uint8_t>(get_bits(w, 10, 8, 8));
    r.stride_h = static_cast<uint8_t>(get_bits(w, 10, 16, 8));
    r.stride_w = static_cast<uint8_t>(get_bits(w, 10, 24, 8));
    r.dil_h = static_cast<uint8_t>(get_bits(w, 11, 0, 8));
    r.dil_w = static_cast<uint8_t>(get_bits(w, 11, 8, 8));
    r.pad_byte = static_cast<int8_t>(sign_extend(get_bits(w, 11, 16, 8), 8));
    r.acc_addr = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 2, 24, 1, static_cast<uint32_t>(accumulate));
    set_bits(w, 2, 25, 1, static_cast<uint32_t>(keep));
    set_bits(w, 3, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 4, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 5, 0, 24, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 6, 0, 16, static_cast<uint32_t>(h0));
    set_bits(w, 6, 16, 16, static_cast<uint32_t>(w0));
    set_bits(w, 7, 0, 16, static_cast<uint32_t>(height));
    set_bits(w, 7, 16, 16, static_cast<uint32_t>(width));
    set_bits(w, 8, 0, 16, static_cast<uint32_t>(n));
    set_bits(w, 8, 16, 16, static_cast<uint32_t>(oh));
    set_bits(w, 9, 0, 16, static_cast<uint32_t>(ow));
    set_bits(w, 9, 16, 16, static_cast<uint32_t>(channels));
    set_bits(w, 10, 0, 8, static_cast<uint32_t>(kh));
    set_bits(w, 10, 8, 8, static_cast<uint32_t>(kw));
    set_bits(w, 10, 16, 8, static_cast<uint32_t>(stride_h));
    set_bits(w, 10, 24, 8, static_cast<uint32_t>(stride_w));
    set_bits(w, 11, 0, 8, static_cast<uint32_t>(dil_h));
    set_bits(w, 11, 8, 8, static_cast<uint32_t>(dil_w));
    set_bits(w, 11, 16, 8, static_cast<uint32_t>(pad_byte));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(acc_addr));
  }
};

/// Wait and signal, nothing else.
struct SyncVpu {
  static constexpr Opcode kOpcode = Opcode::kSyncVpu;
  bool operator==(const SyncVpu&) const = default;
  static constexpr SyncVpu decode([[maybe_unused]] const Words& w) {
    SyncVpu r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// One column tile through the vector pipeline: window reduction, bias, scale, residual (added or multiplied), clamp, table, to UB.
struct Vector {
  static constexpr Opcode kOpcode = Opcode::kVector;
  uint32_t src_addr = 0;  ///< Word (UB) or row (ACC) of source row 0, column 0.
  bool src_ub = false;  ///< 0: the source is ACC. 1: the source is UB.
  bool reduce_sum = false;  ///< 0: maximum over the window. 1: sum over it.
  bool residual = false;  ///< 1: a second operand is read from UB.
  uint32_t src_stride0 = 0;  ///< Source words between batch items.
  int8_t pad_byte = 0;  ///< Padding value of a sum.
  uint16_t src_stride1 = 0;  ///< Source words between rows.
  uint16_t src_stride2 = 0;  ///< Source words between columns.
  uint32_t dst_addr = 0;  ///< First UB word written.
  uint8_t dst_slice = 0;  ///< Slice of COLS lanes written.
  uint32_t dst_stride0 = 0;  ///< Destination words between batch items.
  uint8_t src_slice = 0;  ///< Slice of COLS lanes read (UB source).
  uint16_t dst_stride1 = 0;  ///< Destination words between rows.
  uint16_t dst_stride2 = 0;  ///< Destination words between columns.
  uint32_t res_addr = 0;  ///< First UB word of the residual.
  uint8_t res_slice = 0;  ///< Slice of COLS lanes of the residual.
  uint32_t res_stride0 = 0;  ///< Residual words between batch items.
  uint8_t lanes_m1 = 0;  ///< Lanes written, less one.
  uint16_t res_stride1 = 0;  ///< Residual words between rows.
  uint16_t res_stride2 = 0;  ///< Residual words between columns.
  int16_t h0 = 0;  ///< Source row of output row 0, window row 0.
  int16_t w0 = 0;  ///< Source column of output column 0, window column 0.
  uint16_t height = 1;  ///< Source rows; outside them is padding.
  uint16_t width = 1;  ///< Source columns; outside them is padding.
  uint16_t n = 1;  ///< Batch items.
  uint16_t oh = 1;  ///< Output rows.
  uint16_t ow = 1;  ///< Output columns.
  uint16_t param_row = 0;  ///< Parameter row of the bias; the scale is in the next.
  uint8_t kh = 1;  ///< Window rows.
  uint8_t kw = 1;  ///< Window columns.
  uint8_t stride_h = 1;  ///< Row stride.
  uint8_t stride_w = 1;  ///< Column stride.
  bool operator==(const Vector&) const = default;
  static constexpr Vector decode([[maybe_unused]] const Words& w) {
    Vector r;
    r.src_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 24));
    r.src_ub = get_bits(w, 2, 24, 1) != 0;
    r.reduce_sum = get_bits(w, 2, 25, 1) != 0;
    r.residual = get_bits(w, 2, 26, 1) != 0;
    r.src_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 24));
    r.pad_byte = static_cast<int8_t>(sign_extend(get_bits(w, 3, 24, 8), 8));
    r.src_stride1 = static_cast<uint16_t>(get_bits(w, 4, 0, 16));
    r.src_stride2 = static_cast<uint16_t>(get_bits(w, 4, 16, 16));
    r.dst_addr = static_cast<uint32_t>(get_bits(w, 5, 0, 24));
    r.dst_slice = static_cast<uint8_t>(get_bits(w, 5, 24, 8));
    r.dst_stride0 = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.src_slice = static_cast<uint8_t>(get_bits(w, 6, 24, 8));
    r.dst_stride1 = static_cast<uint16_t>(get_bits(w, 7, 0, 16));
    r.dst_stride2 = static_cast<uint16_t>(get_bits(w, 7, 16, 16));
    r.res_addr = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.res_slice = static_cast<uint8_t>(get_bits(w, 8, 24, 8));
    r.res_stride0 = static_cast<uint32_t>(get_bits(w, 9, 0, 24));
    r.lanes_m1 = static_cast<uint8_t>(get_bits(w, 9, 24, 8));
    r.res_stride1 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.res_stride2 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.h0 = static_cast<int16_t>(sign_extend(get_bits(w, 11, 0, 16), 16));
    r.w0 = static_cast<int16_t>(sign_extend(get_bits(w, 11, 16, 16), 16));
    r.height = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.width = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    r.n = static_cast<uint16_t>(get_bits(w, 13, 0, 16));
    r.oh = static_cast<uint16_t>(get_bits(w, 13, 16, 16));
    r.ow = static_cast<uint16_t>(get_bits(w, 14, 0, 16));
    r.param_row = static_cast<uint16_t>(get_bits(w, 14, 16, 16));
    r.kh = static_cast<uint8_t>(get_bits(w, 15, 0, 8));
    r.kw = static_cast<uint8_t>(get_bits(w, 15, 8, 8));
    r.stride_h = static_cast<uint8_t>(get_bits(w, 15, 16, 8));
    r.stride_w = static_cast<uint8_t>(get_bits(w, 15, 24, 8));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 24, static_cast<uint32_t>(src_addr));
    set_bits(w, 2, 24, 1, static_cast<uint32_t>(src_ub));
    set_bits(w, 2, 25, 1, static_cast<uint32_t>(reduce_sum));
    set_bits(w, 2, 26, 1, static_cast<uint32_t>(residual));
    set_bits(w, 3, 0, 24, static_cast<uint32_t>(src_stride0));
    set_bits(w, 3, 24, 8, static_cast<uint32_t>(pad_byte));
    set_bits(w, 4, 0, 16, static_cast<uint32_t>(src_stride1));
    set_bits(w, 4, 16, 16, static_cast<uint32_t>(src_stride2));
    set_bits(w, 5, 0, 24, static_cast<uint32_t>(dst_addr));
    set_bits(w, 5, 24, 8, static_cast<uint32_t>(dst_slice));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(dst_stride0));
    set_bits(w, 6, 24, 8, static_cast<uint32_t>(src_slice));
    set_bits(w, 7, 0, 16, static_cast<uint32_t>(dst_stride1));
    set_bits(w, 7, 16, 16, static_cast<uint32_t>(dst_stride2));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(res_addr));
    set_bits(w, 8, 24, 8, static_cast<uint32_t>(res_slice));
    set_bits(w, 9, 0, 24, static_cast<uint32_t>(res_stride0));
    set_bits(w, 9, 24, 8, static_cast<uint32_t>(lanes_m1));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(res_stride1));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(res_stride2));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(h0));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(w0));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(height));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(width));
    set_bits(w, 13, 0, 16, static_cast<uint32_t>(n));
    set_bits(w, 13, 16, 16, static_cast<uint32_t>(oh));
    set_bits(w, 14, 0, 16, static_cast<uint32_t>(ow));
    set_bits(w, 14, 16, 16, static_cast<uint32_t>(param_row));
    set_bits(w, 15, 0, 8, static_cast<uint32_t>(kh));
    set_bits(w, 15, 8, 8, static_cast<uint32_t>(kw));
    set_bits(w, 15, 16, 8, static_cast<uint32_t>(stride_h));
    set_bits(w, 15, 24, 8, static_cast<uint32_t>(stride_w));
  }
};

/// Set the scalars of the vector pipeline for the instructions that follow. They start undefined.
struct VectorSet {
  static constexpr Opcode kOpcode = Opcode::kVectorSet;
  bool two_roundings = false;  ///< Residual form. 0: one rounding. 1: two.
  bool use_table = false;  ///< 1: the result goes through a table.
  uint8_t table_index = 0;  ///< Which of the four tables.
  bool multiply = false;  ///< How a residual enters. 0: it is added. 1: it multiplies.
  int8_t out_zero = 0;  ///< Zero point of the result.
  int8_t clamp_lo = 0;  ///< Least result.
  int8_t clamp_hi = 0;  ///< Greatest result.
  int8_t mid_zero = 0;  ///< Zero point after the first rounding.
  int8_t mid_lo = 0;  ///< Least value after the first rounding.
  int8_t mid_hi = 0;  ///< Greatest value after the first rounding.
  int8_t res_zero = 0;  ///< Zero point of the residual.
  float mid_scale = 1.0f;  ///< mid_scale: scale after the first rounding over the result's.
  float res_scale = 1.0f;  ///< res_scale: residual's scale over the result's.
  bool operator==(const VectorSet&) const = default;
  static constexpr VectorSet decode([[maybe_unused]] const Words& w) {
    VectorSet r;
    r.two_roundings = get_bits(w, 2, 0, 1) != 0;
    r.use_table = get_bits(w, 2, 1, 1) != 0;
    r.table_index = static_cast<uint8_t>(get_bits(w, 2, 2, 2));
    r.multiply = get_bits(w, 2, 4, 1) != 0;
    r.out_zero = static_cast<int8_t>(sign_extend(get_bits(w, 3, 0, 8), 8));
    r.clamp_lo = static_cast<int8_t>(sign_extend(get_bits(w, 3, 8, 8), 8));
    r.clamp_hi = static_cast<int8_t>(sign_extend(get_bits(w, 3, 16, 8), 8));
    r.mid_zero = static_cast<int8_t>(sign_extend(get_bits(w, 4, 0, 8), 8));
    r.mid_lo = static_cast<int8_t>(sign_extend(get_bits(w, 4, 8, 8), 8));
    r.mid_hi = static_cast<int8_t>(sign_extend(get_bits(w, 4, 16, 8), 8));
    r.res_zero = static_cast<int8_t>(sign_extend(get_bits(w, 4, 24, 8), 8));
    r.mid_scale = std::bit_cast<float>(get_bits(w, 5, 0, 32));
    r.res_scale = std::bit_cast<float>(get_bits(w, 6, 0, 32));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 1, static_cast<uint32_t>(two_roundings));
    set_bits(w, 2, 1, 1, static_cast<uint32_t>(use_table));
    set_bits(w, 2, 2, 2, static_cast<uint32_t>(table_index));
    set_bits(w, 2, 4, 1, static_cast<uint32_t>(multiply));
    set_bits(w, 3, 0, 8, static_cast<uint32_t>(out_zero));
    set_bits(w, 3, 8, 8, static_cast<uint32_t>(clamp_lo));
    set_bits(w, 3, 16, 8, static_cast<uint32_t>(clamp_hi));
    set_bits(w, 4, 0, 8, static_cast<uint32_t>(mid_zero));
    set_bits(w, 4, 8, 8, static_cast<uint32_t>(mid_lo));
    set_bits(w, 4, 16, 8, static_cast<uint32_t>(mid_hi));
    set_bits(w, 4, 24, 8, static_cast<uint32_t>(res_zero));
    set_bits(w, 5, 0, 32, std::bit_cast<uint32_t>(mid_scale));
    set_bits(w, 6, 0, 32, std::bit_cast<uint32_t>(res_scale));
  }
};

/// Wait and signal, nothing else.
struct SyncSto {
  static constexpr Opcode kOpcode = Opcode::kSyncSto;
  bool operator==(const SyncSto&) const = default;
  static constexpr SyncSto decode([[maybe_unused]] const Words& w) {
    SyncSto r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// Copy activations from the unified buffer to DRAM: load with source and destination exchanged.
struct Store {
  static constexpr Opcode kOpcode = Opcode::kStore;
  uint32_t dram_addr = 0;  ///< First DRAM byte.
  uint32_t dram_stride0 = 0;  ///< DRAM bytes between steps of the outermost loop.
  uint32_t dram_stride1 = 0;  ///< DRAM bytes between steps of the middle loop.
  uint32_t dram_stride2 = 0;  ///< DRAM bytes between steps of the innermost loop.
  uint32_t ub_addr = 0;  ///< First UB word.
  uint32_t ub_stride0 = 0;  ///< UB words between steps of the outermost loop.
  uint32_t ub_stride1 = 0;  ///< UB words between steps of the middle loop.
  uint32_t ub_stride2 = 0;  ///< UB words between steps of the innermost loop.
  uint16_t count0 = 1;  ///< Steps of the outermost loop.
  uint16_t count1 = 1;  ///< Steps of the middle loop.
  uint16_t count2 = 1;  ///< Steps of the innermost loop.
  uint16_t pixels = 1;  ///< Pixels of one contiguous run of DRAM.
  uint16_t pixel_bytes = 1;  ///< Bytes of one pixel; a pixel starts a new UB word.
  uint16_t ub_pixel_stride = 0;  ///< UB words between pixels.
  bool operator==(const Store&) const = default;
  static constexpr Store decode([[maybe_unused]] const Words& w) {
    Store r;
    r.dram_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 32));
    r.dram_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 32));
    r.dram_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 32));
    r.dram_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 32));
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 7, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.ub_stride2 = static_cast<uint32_t>(get_bits(w, 9, 0, 24));
    r.count0 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.count1 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.count2 = static_cast<uint16_t>(get_bits(w, 11, 0, 16));
    r.pixels = static_cast<uint16_t>(get_bits(w, 11, 16, 16));
    r.pixel_bytes = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.ub_pixel_stride = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 32, static_cast<uint32_t>(dram_addr));
    set_bits(w, 3, 0, 32, static_cast<uint32_t>(dram_stride0));
    set_bits(w, 4, 0, 32, static_cast<uint32_t>(dram_stride1));
    set_bits(w, 5, 0, 32, static_cast<uint32_t>(dram_stride2));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 7, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 9, 0, 24, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(count0));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(count1));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(count2));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(pixels));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(pixel_bytes));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(ub_pixel_stride));
  }
};

/// Name, opcode, unit, fields and used bits of an instruction.
struct InstructionInfo {
  const char* name; Opcode opcode; Unit unit; const char* summary;
  std::span<const FieldInfo> fields; Words used;
};

inline constexpr std::array<FieldInfo, 4> kHeaderFields{{
    {"opcode", 0, 0, 8, FieldKind::kUnsigned, 0, 255, "High nibble: unit. Low nibble: operation."},
    {"tag", 0, 16, 16, FieldKind::kUnsigned, 0, 65535, "Free label (the compiler's layer number); appears in the retire log."},
    {"wait", 1, 0, 16, FieldKind::kUnsigned, 0, 65535, "Wait set: bit p takes one token from semaphore (p, this unit)."},
    {"signal", 1, 16, 16, FieldKind::kUnsigned, 0, 65535, "Signal set: bit c gives one token to semaphore (this unit, c) when the instruction ends."},
}};
inline constexpr std::array<FieldInfo, 14> kLoadFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"dram_stride0", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the outermost loop."},
    {"dram_stride1", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the middle loop."},
    {"dram_stride2", 5, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the innermost loop."},
    {"ub_addr", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word."},
    {"ub_stride0", 7, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the outermost loop."},
    {"ub_stride1", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the middle loop."},
    {"ub_stride2", 9, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the innermost loop."},
    {"count0", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the outermost loop."},
    {"count1", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the middle loop."},
    {"count2", 11, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the innermost loop."},
    {"pixels", 11, 16, 16, FieldKind::kUnsigned, 1, 65535, "Pixels of one contiguous run of DRAM."},
    {"pixel_bytes", 12, 0, 16, FieldKind::kUnsigned, 1, 65535, "Bytes of one pixel; a pixel starts a new UB word."},
    {"ub_pixel_stride", 12, 16, 16, FieldKind::kUnsigned, 0, 65535, "UB words between pixels."},
}};
inline constexpr std::array<FieldInfo, 14> kLoadWindowFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"dram_stride0", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the outer loop."},
    {"dram_stride1", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between rows."},
    {"ub_addr", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word."},
    {"ub_stride0", 7, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the outer loop."},
    {"ub_stride1", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between rows."},
    {"count0", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the outer loop."},
    {"count1", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Rows."},
    {"row_bytes", 11, 0, 16, FieldKind::kUnsigned, 1, 4096, "Bytes of a row; at most the line buffer."},
    {"windows", 11, 16, 16, FieldKind::kUnsigned, 1, 65535, "Windows of a row."},
    {"size", 12, 0, 16, FieldKind::kUnsigned, 1, 4096, "Bytes of a window."},
    {"step", 12, 16, 16, FieldKind::kUnsigned, 1, 65535, "Bytes between window starts."},
    {"pad_left", 13, 0, 16, FieldKind::kUnsigned, 0, 65535, "Bytes of padding before the row."},
    {"pad_byte", 13, 16, 8, FieldKind::kSigned, -128, 127, "Value of bytes outside the row."},
}};
inline constexpr std::array<FieldInfo, 4> kLoadParamFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"row", 6, 0, 16, FieldKind::kUnsigned, 0, 65535, "First parameter row, or first table."},
    {"target", 6, 31, 1, FieldKind::kUnsigned, 0, 1, "0: parameter buffer. 1: table memory."},
    {"count", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Parameter rows, or tables."},
}};
inline constexpr std::array<FieldInfo, 6> kLoadWeightsFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"positions", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Kernel positions."},
    {"channels", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Input channels of a position; they are cut into groups as UB words are."},
    {"cols", 11, 0, 16, FieldKind::kUnsigned, 1, 65535, "Bytes of a tile row; at most COLS. Diagonal: bytes of a position."},
    {"diagonal", 11, 16, 1, FieldKind::kUnsigned, 0, 1, "1: each position gives the diagonals of its tiles; the channels are those of one UB word."},
    {"first", 11, 24, 8, FieldKind::kUnsigned, 0, 255, "Diagonal: channel of column 0; first + cols is at most channels. Else 0."},
}};
inline constexpr std::array<FieldInfo, 22> kMatmulFields{{
    {"ub_addr", 2, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB word of input row 0, column 0, first channel word."},
    {"accumulate", 2, 24, 1, FieldKind::kUnsigned, 0, 1, "1: the first tile adds to ACC instead of overwriting it."},
    {"keep", 2, 25, 1, FieldKind::kUnsigned, 0, 1, "1: the tiles stay in the ring for the next instruction."},
    {"ub_stride0", 3, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between batch items."},
    {"ub_stride1", 4, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between input rows."},
    {"ub_stride2", 5, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between input columns."},
    {"h0", 6, 0, 16, FieldKind::kSigned, -32768, 32767, "Input row of output row 0, kernel row 0."},
    {"w0", 6, 16, 16, FieldKind::kSigned, -32768, 32767, "Input column of output column 0, kernel column 0."},
    {"height", 7, 0, 16, FieldKind::kUnsigned, 1, 65535, "Input rows held in UB; outside them is padding."},
    {"width", 7, 16, 16, FieldKind::kUnsigned, 1, 65535, "Input columns held in UB; outside them is padding."},
    {"n", 8, 0, 16, FieldKind::kUnsigned, 1, 65535, "Batch items."},
    {"oh", 8, 16, 16, FieldKind::kUnsigned, 1, 65535, "Output rows."},
    {"ow", 9, 0, 16, FieldKind::kUnsigned, 1, 65535, "Output columns."},
    {"channels", 9, 16, 16, FieldKind::kUnsigned, 1, 65535, "Input channels, from lane 0 of the first word."},
    {"kh", 10, 0, 8, FieldKind::kUnsigned, 1, 255, "Kernel rows."},
    {"kw", 10, 8, 8, FieldKind::kUnsigned, 1, 255, "Kernel columns."},
    {"stride_h", 10, 16, 8, FieldKind::kUnsigned, 1, 255, "Row stride."},
    {"stride_w", 10, 24, 8, FieldKind::kUnsigned, 1, 255, "Column stride."},
    {"dil_h", 11, 0, 8, FieldKind::kUnsigned, 1, 255, "Row dilation."},
    {"dil_w", 11, 8, 8, FieldKind::kUnsigned, 1, 255, "Column dilation."},
    {"pad_byte", 11, 16, 8, FieldKind::kSigned, -128, 127, "Activation value outside the input."},
    {"acc_addr", 12, 0, 16, FieldKind::kUnsigned, 0, 65535, "First ACC row."},
}};
inline constexpr std::array<FieldInfo, 32> kVectorFields{{
    {"src_addr", 2, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Word (UB) or row (ACC) of source row 0, column 0."},
    {"src_ub", 2, 24, 1, FieldKind::kUnsigned, 0, 1, "0: the source is ACC. 1: the source is UB."},
    {"reduce_sum", 2, 25, 1, FieldKind::kUnsigned, 0, 1, "0: maximum over the window. 1: sum over it."},
    {"residual", 2, 26, 1, FieldKind::kUnsigned, 0, 1, "1: a second operand is read from UB."},
    {"src_stride0", 3, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Source words between batch items."},
    {"pad_byte", 3, 24, 8, FieldKind::kSigned, -128, 127, "Padding value of a sum."},
    {"src_stride1", 4, 0, 16, FieldKind::kUnsigned, 0, 65535, "Source words between rows."},
    {"src_stride2", 4, 16, 16, FieldKind::kUnsigned, 0, 65535, "Source words between columns."},
    {"dst_addr", 5, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word written."},
    {"dst_slice", 5, 24, 8, FieldKind::kUnsigned, 0, 255, "Slice of COLS lanes written."},
    {"dst_stride0", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Destination words between batch items."},
    {"src_slice", 6, 24, 8, FieldKind::kUnsigned, 0, 255, "Slice of COLS lanes read (UB source)."},
    {"dst_stride1", 7, 0, 16, FieldKind::kUnsigned, 0, 65535, "Destination words between rows."},
    {"dst_stride2", 7, 16, 16, FieldKind::kUnsigned, 0, 65535, "Destination words between columns."},
    {"res_addr", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word of the residual."},
    {"res_slice", 8, 24, 8, FieldKind::kUnsigned, 0, 255, "Slice of COLS lanes of the residual."},
    {"res_stride0", 9, 0, 24, FieldKind::kUnsigned, 0, 16777215, "Residual words between batch items."},
    {"lanes_m1", 9, 24, 8, FieldKind::kUnsigned, 0, 255, "Lanes written, less one."},
    {"res_stride1", 10, 0, 16, FieldKind::kUnsigned, 0, 65535, "Residual words between rows."},
    {"res_stride2", 10, 16, 16, FieldKind::kUnsigned, 0, 65535, "Residual words between columns."},
    {"h0", 11, 0, 16, FieldKind::kSigned, -32768, 32767, "Source row of output row 0, window row 0."},
    {"w0", 11, 16, 16, FieldKind::kSigned, -32768, 32767, "Source column of output column 0, window column 0."},
    {"height", 12, 0, 16, FieldKind::kUnsigned, 1, 65535, "Source rows; outside them is padding."},
    {"width", 12, 16, 16, FieldKind::kUnsigned, 1, 65535, "Source columns; outside them is padding."},
    {"n", 13, 0, 16, FieldKind::kUnsigned, 1, 65535, "Batch items."},
    {"oh", 13, 16, 16, FieldKind::kUnsigned, 1, 65535, "Output rows."},
    {"ow", 14, 0, 16, FieldKind::kUnsigned, 1, 65535, "Output columns."},
    {"param_row", 14, 16, 16, FieldKind::kUnsigned, 0, 65535, "Parameter row of the bias; the scale is in the next."},
    {"kh", 15, 0, 8, FieldKind::kUnsigned, 1, 255, "Window rows."},
    {"kw", 15, 8, 8, FieldKind::kUnsigned, 1, 255, "Window columns."},
    {"stride_h", 15, 16, 8, FieldKind::kUnsigned, 1, 255, "Row stride."},
    {"stride_w", 15, 24, 8, FieldKind::kUnsigned, 1, 255, "Column stride."},
}};
inline constexpr std::array<FieldInfo, 13> kVectorSetFields{{
    {"two_roundings", 2, 0, 1, FieldKind::kUnsigned, 0, 1, "Residual form. 0: one rounding. 1: two."},
    {"use_table", 2, 1, 1, FieldKind::kUnsigned, 0, 1, "1: the result goes through a table."},
    {"table_index", 2, 2, 2, FieldKind::kUnsigned, 0, 3, "Which of the four tables."},
    {"multiply", 2, 4, 1, FieldKind::kUnsigned, 0, 1, "How a residual enters. 0: it is added. 1: it multiplies."},
    {"out_zero", 3, 0, 8, FieldKind::kSigned, -128, 127, "Zero point of the result."},
    {"clamp_lo", 3, 8, 8, FieldKind::kSigned, -128, 127, "Least result."},
    {"clamp_hi", 3, 16, 8, FieldKind::kSigned, -128, 127, "Greatest result."},
    {"mid_zero", 4, 0, 8, FieldKind::kSigned, -128, 127, "Zero point after the first rounding."},
    {"mid_lo", 4, 8, 8, FieldKind::kSigned, -128, 127, "Least value after the first rounding."},
    {"mid_hi", 4, 16, 8, FieldKind::kSigned, -128, 127, "Greatest value after the first rounding."},
    {"res_zero", 4, 24, 8, FieldKind::kSigned, -128, 127, "Zero point of the residual."},
    {"mid_scale", 5, 0, 32, FieldKind::kFloat, 0, 4294967295, "mid_scale: scale after the first rounding over the result's."},
    {"res_scale", 6, 0, 32, FieldKind::kFloat, 0, 4294967295, "res_scale: residual's scale over the result's."},
}};
inline constexpr std::array<FieldInfo, 14> kStoreFields{{
    {"dram_addr", 2, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "First DRAM byte."},
    {"dram_stride0", 3, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the outermost loop."},
    {"dram_stride1", 4, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the middle loop."},
    {"dram_stride2", 5, 0, 32, FieldKind::kUnsigned, 0, 4294967295, "DRAM bytes between steps of the innermost loop."},
    {"ub_addr", 6, 0, 24, FieldKind::kUnsigned, 0, 16777215, "First UB word."},
    {"ub_stride0", 7, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the outermost loop."},
    {"ub_stride1", 8, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the middle loop."},
    {"ub_stride2", 9, 0, 24, FieldKind::kUnsigned, 0, 16777215, "UB words between steps of the innermost loop."},
    {"count0", 10, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the outermost loop."},
    {"count1", 10, 16, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the middle loop."},
    {"count2", 11, 0, 16, FieldKind::kUnsigned, 1, 65535, "Steps of the innermost loop."},
    {"pixels", 11, 16, 16, FieldKind::kUnsigned, 1, 65535, "Pixels of one contiguous run of DRAM."},
    {"pixel_bytes", 12, 0, 16, FieldKind::kUnsigned, 1, 65535, "Bytes of one pixel; a pixel starts a new UB word."},
    {"ub_pixel_stride", 12, 16, 16, FieldKind::kUnsigned, 0, 65535, "UB words between pixels."},
}};
inline constexpr std::array<InstructionInfo, 13> kInstructions{{
    {"sync_lda", Opcode::kSyncLda, Unit::kLda, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"load", Opcode::kLoad, Unit::kLda, "Copy activations from DRAM to the unified buffer, pixel by pixel.", kLoadFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"load_window", Opcode::kLoadWindow, Unit::kLda, "Read rows once and write overlapping windows of them: packs kernel width and channels of a first layer into lanes.", kLoadWindowFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00000000u, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x00000000u, 0x00000000u}}},
    {"load_param", Opcode::kLoadParam, Unit::kLda, "Copy bias and scale rows to the parameter buffer, or 256-entry tables to the table memory.", kLoadParamFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x8000ffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x0000ffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_ldw", Opcode::kSyncLdw, Unit::kLdw, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"load_weights", Opcode::kLoadWeights, Unit::kLdw, "Append weight tiles to the weight buffer ring from one contiguous stream: tile by tile, row by row, or the diagonals of depthwise tiles.", kLoadWeightsFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0xffffffffu, 0xff01ffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_mxu", Opcode::kSyncMxu, Unit::kMxu, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"matmul", Opcode::kMatmul, Unit::kMxu, "One output tile of an implicit-GEMM convolution: one weight tile for each kernel position and channel group.", kMatmulFields, {{0xffff00ffu, 0xffffffffu, 0x03ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x0000ffffu, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_vpu", Opcode::kSyncVpu, Unit::kVpu, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"vector", Opcode::kVector, Unit::kVpu, "One column tile through the vector pipeline: window reduction, bias, scale, residual (added or multiplied), clamp, table, to UB.", kVectorFields, {{0xffff00ffu, 0xffffffffu, 0x07ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}}},
    {"vector_set", Opcode::kVectorSet, Unit::kVpu, "Set the scalars of the vector pipeline for the instructions that follow. They start undefined.", kVectorSetFields, {{0xffff00ffu, 0xffffffffu, 0x0000001fu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"sync_sto", Opcode::kSyncSto, Unit::kSto, "Wait and signal, nothing else.", {}, {{0xffff00ffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}}},
    {"store", Opcode::kStore, Unit::kSto, "Copy activations from the unified buffer to DRAM: load with source and destination exchanged.", kStoreFields, {{0xffff00ffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u}}},
}};

/// The description of an opcode, or null.
constexpr const InstructionInfo* find_instruction(uint8_t opcode) {
  for (const auto& info : kInstructions)
    if (static_cast<uint8_t>(info.opcode) == opcode) return &info;
  return nullptr;
}

}  // namespace systole::isa

namespace systole {

/// The parameters of the hardware that program and RTL are built for (docs/configuration.md).
struct HwParams {
  int rows = 16;  ///< array.rows: Rows of processing elements: input channels of one pass (K).
  int cols = 16;  ///< array.cols: Columns of processing elements: output channels of one pass (N).
  int ub_kib = 256;  ///< ub.kib: Unified buffer in KiB. A word has max(rows, cols) byte lanes, stored in the next power of two bytes; the words must divide evenly into the banks.
  int ub_banks = 4;  ///< ub.banks: Unified buffer banks, by address range; each has one read and one write port.
  int wb_tiles = 8;  ///< wb.tiles: Weight tiles the ring holds.
  int acc_rows = 1024;  ///< acc.rows: Accumulator rows of cols 32-bit sums, in two banks; even.
  int pb_rows = 64;  ///< pb.rows: Parameter rows of cols 32-bit values.
  int axi_bits = 512;  ///< axi.data_bits: Width of the AXI data bus.
  int burst_beats = 8;  ///< axi.burst_beats: Beats of the longest burst; data_bits/8 * burst_beats must not exceed 4096.
  int outstanding = 8;  ///< axi.outstanding: Bursts that each of the four DMA engines may have in flight, and burst slots of its buffer.
  int queue_depth = 8;  ///< queue.depth: Instructions that each unit's queue holds.
  bool operator==(const HwParams&) const = default;
};

/// Key, member and legal range of a hardware parameter.
struct HwParamInfo {
  const char* key; const char* sv_name; int HwParams::*member; int min; int max; bool pow2; const char* doc;
};
inline constexpr std::array<HwParamInfo, 11> kHwParams{{
    {"array.rows", "ROWS", &HwParams::rows, 1, 256, false, "Rows of processing elements: input channels of one pass (K)."},
    {"array.cols", "COLS", &HwParams::cols, 1, 256, false, "Columns of processing elements: output channels of one pass (N)."},
    {"ub.kib", "UB_KIB", &HwParams::ub_kib, 1, 65536, false, "Unified buffer in KiB. A word has max(rows, cols) byte lanes, stored in the next power of two bytes; the words must divide evenly into the banks."},
    {"ub.banks", "UB_BANKS", &HwParams::ub_banks, 1, 16, true, "Unified buffer banks, by address range; each has one read and one write port."},
    {"wb.tiles", "WB_TILES", &HwParams::wb_tiles, 2, 256, false, "Weight tiles the ring holds."},
    {"acc.rows", "ACC_ROWS", &HwParams::acc_rows, 2, 65536, false, "Accumulator rows of cols 32-bit sums, in two banks; even."},
    {"pb.rows", "PB_ROWS", &HwParams::pb_rows, 2, 4096, false, "Parameter rows of cols 32-bit values."},
    {"axi.data_bits", "AXI_BITS", &HwParams::axi_bits, 32, 512, true, "Width of the AXI data bus."},
    {"axi.burst_beats", "BURST_BEATS", &HwParams::burst_beats, 1, 256, true, "Beats of the longest burst; data_bits/8 * burst_beats must not exceed 4096."},
    {"axi.outstanding", "OUTSTANDING", &HwParams::outstanding, 1, 64, false, "Bursts that each of the four DMA engines may have in flight, and burst slots of its buffer."},
    {"queue.depth", "QUEUE_DEPTH", &HwParams::queue_depth, 1, 64, false, "Instructions that each unit's queue holds."},
}};

}  // namespace systole
