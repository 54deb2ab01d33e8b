// SPDX-License-Identifier: Apache-2.0
// Setup, taps and drain of an instruction are known when it begins; its data is computed when it
// ends.
#include "model/core/vector_unit.h"

#include "model/core/datapath.h"
#include "model/isa/counter_ids.h"

namespace systole::core {
namespace {

using isa::Cause;
using isa::Counter;
using isa::Opcode;

constexpr int kVectorsInFlight = 1;
constexpr Cycle kSetupCycles = 3;   // s, s+1: parameter rows; s+2: they arrive
constexpr Cycle kDrainCycles = 11;  // address in c, UB write in c + 11
/// Longer instructions are treated as this long; a run never gets there.
constexpr Cycle kLongest = Cycle{1} << 50;

}  // namespace

VectorUnit::VectorUnit(CoreContext& core)
    : core_(core), front_(isa::Unit::kVpu, kVectorsInFlight, core) {}

void VectorUnit::clock(Cycle t) {
  if (under_way_ && end_ < t) finish();  // before its tokens are seen
  front_.clock(t);
}

void VectorUnit::decide(Cycle t) {
  Cause cause = front_.decide(t);
  if (front_.acquired(t)) begin(t + 1);
  if (front_.running(t)) {
    if (!is_vector_)
      cause = Cause::kBusy;
    else
      cause = t < taps_from_ ? Cause::kSetup : t < taps_to_ ? Cause::kBusy : Cause::kDrain;
  }
  core_.counters.set_cause(isa::Unit::kVpu, cause, t);
}

void VectorUnit::begin(Cycle s) {
  const Command& command = front_.command();
  under_way_ = true;
  const auto* vector = std::get_if<isa::Vector>(&command.instruction);
  is_vector_ = vector != nullptr;
  end_ = s;
  if (is_vector_) {
    vector_ = *vector;
    outputs_ = uint64_t{vector_.n} * vector_.oh * vector_.ow;
    taps_ = uint64_t{vector_.kh} * vector_.kw;
    output_cycles_ = taps_ + (vector_.src_ub && vector_.residual ? 1 : 0);
    Cycle cycles = 0;
    if (__builtin_mul_overflow(outputs_, output_cycles_, &cycles)) cycles = kLongest;
    taps_from_ = s + kSetupCycles;
    taps_to_ = taps_from_ + std::min(cycles, kLongest);
    end_ = taps_to_ - 1 + kDrainCycles;
  }
  front_.set_front_done(end_);
  front_.set_end(front_.ticket(), end_);
}

void VectorUnit::finish() {
  under_way_ = false;
  if (is_vector_) {
    core_.counters[Counter::kVpuTaps] += outputs_ * taps_;
    core_.counters[Counter::kVpuOutputs] += outputs_;
    if (core_.data) core_.data->vector(vector_);
  } else if (const auto* set = std::get_if<isa::VectorSet>(&front_.command().instruction);
             core_.data && set != nullptr) {
    core_.data->vector_set(*set);
  }
}

void VectorUnit::cut_off(Cycle last) {
  if (!under_way_ || !is_vector_ || last < taps_from_) return;
  const Cycle now = std::min(last + 1, taps_to_) - taps_from_;  // tap and residual cycles passed
  const Cycle partial = now % output_cycles_, residual = output_cycles_ - taps_;
  core_.counters[Counter::kVpuTaps] +=
      now / output_cycles_ * taps_ + (partial > residual ? partial - residual : 0);
  // An output is written kDrainCycles after its last tap.
  if (last >= taps_from_ + kDrainCycles)
    core_.counters[Counter::kVpuOutputs] +=
        std::min(outputs_, (last + 1 - taps_from_ - kDrainCycles) / output_cycles_);
}

Cycle VectorUnit::next_event(Cycle t) const {
  Cycle next = front_.next_event(t);
  if (!under_way_) return next;
  if (is_vector_) {
    next = earlier_after(t, next, taps_from_);
    next = earlier_after(t, next, taps_to_);
  }
  return earlier_after(t, next, end_ + 1);
}

}  // namespace systole::core
