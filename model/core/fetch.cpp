// SPDX-License-Identifier: Apache-2.0
// Assembly -> IR -> DR -> queue, decided from the back so that each stage sees whether the next one
// moves.
#include "model/core/fetch.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "model/arch/fetch_slots.h"
#include "model/core/check.h"
#include "model/isa/counter_ids.h"

namespace systole::core {

using isa::Cause;

static_assert(std::endian::native == std::endian::little, "instructions are little-endian");

Fetch::Fetch(const Fronts& fronts, uint32_t base, uint32_t length, CoreContext& core)
    : core_(core),
      fronts_(fronts),
      length_(length),
      reader_(nullptr, arch::fetch_slots(core.hw), true, core) {
  reader_.begin({.dram = base, .bytes = uint64_t{length} * isa::kInstructionBytes}, 0,
                isa::Counter::kReadBytesInstructions, 1);
  if (length == 0) core.all_dispatched_from = 0;
}

void Fetch::clock(Cycle) {
  if (!burst_drained_) return;
  reader_.free_head();
  burst_done_ = 0;
  burst_drained_ = false;
}

void Fetch::decide(Cycle t) {
  const bool stopped = core_.fault.visible(t);
  if (stopped) reader_.stop();

  Cause cause = Cause::kMemory;
  bool dr_leaves = false;
  if (dr_valid_ && dr_fault_ == isa::Fault::kNone) {
    const bool full = fronts_[static_cast<size_t>(dr_.unit) - 1]->queue_full();
    dr_leaves = !stopped && !full;
    if (full) cause = Cause::kQueue;
  }
  if (dr_leaves)
    cause = Cause::kBusy;
  else if (cause != Cause::kQueue && (stopped || core_.all_dispatched_from <= t))
    cause = Cause::kIdle;
  core_.counters.set_cause(isa::Unit::kFetch, cause, t);
  if (stopped) return;

  if (dr_leaves) {
    fronts_[static_cast<size_t>(dr_.unit) - 1]->push(dr_, t);
    dr_valid_ = false;
    if (++dispatched_ == length_) core_.all_dispatched_from = t + 1;
    changed_ = t;
  } else if (dr_valid_ && dr_fault_ != isa::Fault::kNone) {
    core_.fault.offer(t + 1, FaultRecorder::kDispatch, dr_fault_, dr_pc_);
    changed_ = t;
  }
  if (ir_valid_ && !dr_valid_) {
    dr_fault_ = check_instruction(ir_, ir_pc_, core_.hw, core_.geo, dr_);
    dr_pc_ = ir_pc_;
    dr_valid_ = true;
    ir_valid_ = false;
    changed_ = t;
  }
  step(t);
}

/// One step, if a burst is usable and the instruction it completes has a place in IR.
void Fetch::step(Cycle t) {
  const ReadBurst* burst = reader_.head();
  if (burst == nullptr || burst->usable > t) return;
  const uint32_t wanted = isa::kInstructionBytes - assembled_;
  const uint32_t count = std::min(wanted, burst->bytes - burst_done_);
  if (count == wanted && ir_valid_) return;
  std::memcpy(assembly_.data() + assembled_, burst->data() + burst_done_, count);
  assembled_ += count;
  burst_done_ += count;
  burst_drained_ = burst_done_ == burst->bytes;
  changed_ = t;
  if (assembled_ < isa::kInstructionBytes) return;
  std::memcpy(ir_.data(), assembly_.data(), isa::kInstructionBytes);
  ir_pc_ = stepped_++;
  ir_valid_ = true;
  assembled_ = 0;
}

Cycle Fetch::next_event(Cycle t) const {
  if (changed_ == t) return t + 1;
  const ReadBurst* burst = reader_.head();
  return burst == nullptr ? kNever : earlier_after(t, kNever, burst->usable);
}

std::string Fetch::describe() const {
  std::string line = fmt::format("fetch {} of {} dispatched", dispatched_, length_);
  if (dr_valid_)
    line +=
        fmt::format(", pc {} {}", dr_pc_,
                    dr_fault_ == isa::Fault::kNone ? isa::opcode_name(opcode_of(dr_.instruction))
                                                   : isa::fault_name(dr_fault_));
  return line + fmt::format(", cause {}", isa::cause_name(core_.counters.cause(isa::Unit::kFetch)));
}

}  // namespace systole::core
