// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include "model/isa/causes.h"
#include "model/isa/names.h"

namespace systole::isa {

/// What a Unit is, as isa.toml says it; "?" if it has none.
constexpr const char* unit_meaning(Unit value) {
  switch (value) {
    case Unit::kFetch: return "Instruction fetch, decode, check and dispatch.";
    case Unit::kLda: return "Activation and parameter load DMA: DRAM to unified buffer, parameter buffer or tables.";
    case Unit::kLdw: return "Weight load DMA: DRAM to the ring of weight tiles.";
    case Unit::kMxu: return "Matrix unit: the systolic array and its accumulators.";
    case Unit::kVpu: return "Vector unit: reduction window, bias, requantisation, residual, clamp, table.";
    case Unit::kSto: return "Store DMA: unified buffer to DRAM.";
  }
  return "?";
}

/// What a Cause is, as isa.toml says it; "?" if it has none.
constexpr const char* cause_meaning(Cause value) {
  switch (value) {
    case Cause::kBusy: return "Useful work: a dispatch (fetch), a drain or fill step (DMA), a row streamed (mxu), a tap (vpu). A tile of zeros passed over (ldw).";
    case Cause::kSetup: return "Fixed start latency: token taken, ports acquired, parameters read; mxu: a tile of zeros passed over.";
    case Cause::kDrain: return "Fixed finish latency: the pipeline empties and nothing else holds the unit.";
    case Cause::kSemLda: return "Waiting for a token from lda.";
    case Cause::kSemLdw: return "Waiting for a token from ldw.";
    case Cause::kSemMxu: return "Waiting for a token from mxu.";
    case Cause::kSemVpu: return "Waiting for a token from vpu.";
    case Cause::kSemSto: return "Waiting for a token from sto.";
    case Cause::kBank: return "Waiting for a (bank, port) that another unit holds.";
    case Cause::kMemory: return "Waiting for DRAM: latency, bandwidth or the AXI port.";
    case Cause::kWeights: return "mxu: the next weight tile has not arrived. ldw: no free tile in the ring.";
    case Cause::kWeightLoad: return "mxu: all rows are streamed, the tile's weights still enter (fewer rows than weight rows).";
    case Cause::kQueue: return "fetch: the instruction's queue is full.";
    case Cause::kFetch: return "Queue empty while the program is not fully dispatched.";
    case Cause::kIdle: return "Queue empty and the program fully dispatched, or stopped by a fault.";
  }
  return "?";
}

}  // namespace systole::isa
