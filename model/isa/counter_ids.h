// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>
#include <cstdint>

#include "model/isa/causes.h"
#include "model/isa/names.h"

namespace systole::isa {

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
  kMxuSkippedTiles = 11,  ///< Weight tiles of zeros that were passed over.
  kMxuRows = 12,  ///< Activation rows streamed into the array.
  kMxuPadRows = 13,  ///< Streamed rows that were padding.
  kVpuTaps = 14,  ///< Window taps of the vector unit, padding included, residual reads not.
  kVpuOutputs = 15,  ///< Rows of COLS lanes that the vector unit wrote.
  kRetiredLda = 16,  ///< Instructions that ended in lda.
  kRetiredLdw = 17,  ///< Instructions that ended in ldw.
  kRetiredMxu = 18,  ///< Instructions that ended in mxu.
  kRetiredVpu = 19,  ///< Instructions that ended in vpu.
  kRetiredSto = 20,  ///< Instructions that ended in sto.
};

inline constexpr int kEventCounters = 21;
inline constexpr int kCounters = kEventCounters + kUnits * kCauses;

/// Index of the counter of the cycles that `unit` spent for `cause`.
constexpr int cause_counter(Unit unit, Cause cause) {
  return kEventCounters + static_cast<int>(unit) * kCauses + static_cast<int>(cause);
}

/// The counter of the instructions that ended in `unit`, any but fetch.
constexpr Counter retired_counter(Unit unit) {
  return static_cast<Counter>(static_cast<int>(Counter::kRetiredLda) + static_cast<int>(unit) - 1);
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
    {"mxu_skipped_tiles", "tiles", "Weight tiles of zeros that were passed over."},
    {"mxu_rows", "rows", "Activation rows streamed into the array."},
    {"mxu_pad_rows", "rows", "Streamed rows that were padding."},
    {"vpu_taps", "reads", "Window taps of the vector unit, padding included, residual reads not."},
    {"vpu_outputs", "rows", "Rows of COLS lanes that the vector unit wrote."},
    {"retired_lda", "instructions", "Instructions that ended in lda."},
    {"retired_ldw", "instructions", "Instructions that ended in ldw."},
    {"retired_mxu", "instructions", "Instructions that ended in mxu."},
    {"retired_vpu", "instructions", "Instructions that ended in vpu."},
    {"retired_sto", "instructions", "Instructions that ended in sto."},
    {"fetch_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw)."},
    {"fetch_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over."},
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
    {"lda_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw)."},
    {"lda_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over."},
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
    {"ldw_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw)."},
    {"ldw_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over."},
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
    {"mxu_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw)."},
    {"mxu_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over."},
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
    {"vpu_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw)."},
    {"vpu_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over."},
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
    {"sto_busy", "cycles", "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw)."},
    {"sto_setup", "cycles", "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over."},
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

}  // namespace systole::isa
