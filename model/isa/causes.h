// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <cstdint>

namespace systole::isa {

/// What a unit does in a cycle.
enum class Cause : uint8_t {
  kBusy = 0,  ///< Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw).
  kSetup = 1,  ///< Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over.
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

}  // namespace systole::isa
