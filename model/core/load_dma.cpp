// SPDX-License-Identifier: Apache-2.0
// One event a burst: the steps of a drain are counted in closed form, its bytes are moved at once.
#include "model/core/load_dma.h"

#include "model/arch/window_rows.h"
#include "model/core/datapath.h"
#include "model/isa/counter_ids.h"

namespace systole::core {
namespace {

using isa::Cause;
using isa::Counter;

constexpr int kLoadsInFlight = 4;

Runs runs_of(const isa::Load& load) {
  return {.dram = load.dram_addr,
          .bytes = uint64_t{load.pixels} * load.pixel_bytes,
          .ub = load.ub_addr,
          .count = {load.count0, load.count1, load.count2},
          .dram_stride = {load.dram_stride0, load.dram_stride1, load.dram_stride2},
          .ub_stride = {load.ub_stride0, load.ub_stride1, load.ub_stride2}};
}

Runs runs_of(const isa::LoadWindow& load) {
  return {.dram = load.dram_addr,
          .bytes = load.row_bytes,
          .ub = load.ub_addr,
          .count = {load.count0, load.count1, load.count2},
          .dram_stride = {load.dram_stride0, load.dram_stride1, load.dram_stride2},
          .ub_stride = {load.ub_stride0, load.ub_stride1, load.ub_stride2}};
}

uint64_t param_bytes(const isa::LoadParam& load, const arch::Geometry& geo) {
  return uint64_t{load.count} * (load.target ? 256 : static_cast<uint64_t>(geo.pb_row_bytes));
}

}  // namespace

LoadDma::LoadDma(CoreContext& core)
    : core_(core),
      front_(isa::Unit::kLda, kLoadsInFlight, core),
      reader_(&front_, core.hw.outstanding, core.data != nullptr, core),
      descriptors_(kLoadsInFlight) {}

void LoadDma::clock(Cycle t) {
  front_.clock(t);
  if (draining_ && drain_to_ <= t) {
    reader_.free_head();
    draining_ = false;
  }
}

void LoadDma::decide(Cycle t) {
  const bool in_flight = front_.in_flight() > 0;
  Cause cause = front_.decide(t);
  if (front_.acquired(t)) begin(t + 1);
  if (work(t))
    cause = Cause::kBusy;
  else if (in_flight)
    cause = Cause::kMemory;
  core_.counters.set_cause(isa::Unit::kLda, cause, t);
}

void LoadDma::begin(Cycle s) {
  const Command& command = front_.command();
  descriptors_.push(command, front_.ticket(), s + 1);
  const isa::AnyInstruction& instruction = command.instruction;
  if (const auto* load = std::get_if<isa::Load>(&instruction))
    reader_.begin(runs_of(*load), command.pc, Counter::kReadBytesActivations, s + 1);
  else if (const auto* window = std::get_if<isa::LoadWindow>(&instruction))
    reader_.begin(runs_of(*window), command.pc, Counter::kReadBytesActivations, s + 1);
  else if (const auto* param = std::get_if<isa::LoadParam>(&instruction))
    reader_.begin({.dram = param->dram_addr, .bytes = param_bytes(*param, core_.geo)}, command.pc,
                  Counter::kReadBytesParams, s + 1);
  else
    front_.set_front_done(s);  // sync
}

/// Whether `t` has a step or an emission.
bool LoadDma::work(Cycle t) {
  if (t < drain_to_) return true;
  if (t < emit_to_) return t >= emit_from_;
  const DescriptorQueue::Descriptor* active = descriptors_.active(t);
  if (active == nullptr) return false;
  if (is_sync(active->command)) {
    drain_to_ = t + 1;
    front_.set_end(active->ticket, t + 1);
    descriptors_.finish(t);
    return true;
  }
  const ReadBurst* burst = reader_.head();
  if (burst == nullptr || burst->usable > t) return false;
  drain(*active, *burst, t);
  return true;
}

void LoadDma::drain(const DescriptorQueue::Descriptor& active, const ReadBurst& burst, Cycle t) {
  const Command& command = active.command;
  const WordRule rule = word_rule(command);
  drain_to_ = t + rule.word_of(burst.offset + burst.bytes - 1) - rule.word_of(burst.offset) + 1;
  draining_ = true;
  Cycle last = drain_to_ - 1;
  if (core_.data) move_bytes(command, burst);
  if (const auto* load = std::get_if<isa::LoadWindow>(&command.instruction);
      load != nullptr && burst.ends_run) {
    emit_from_ = last + 2;
    emit_to_ = emit_from_ + load->windows * static_cast<Cycle>(arch::window_emissions(
                                                *load, burst.step2, core_.geo));
    last = emit_to_ - 1;
    if (core_.data) core_.data->emit_windows(*load, burst.ub, burst.step2);
  }
  if (!burst.ends_all) return;
  front_.set_end(active.ticket, last + 1);
  descriptors_.finish(last);
}

LoadDma::WordRule LoadDma::word_rule(const Command& command) const {
  WordRule rule;
  if (const auto* load = std::get_if<isa::Load>(&command.instruction)) {
    rule.pixel_bytes = load->pixel_bytes;
    rule.word_bytes = static_cast<uint64_t>(core_.geo.lanes);
  } else if (const auto* window = std::get_if<isa::LoadWindow>(&command.instruction)) {
    rule.pixel_bytes = window->row_bytes;  // the line buffer's words
    rule.word_bytes = static_cast<uint64_t>(core_.geo.word_bytes);
  } else {
    rule.pixel_bytes = param_bytes(std::get<isa::LoadParam>(command.instruction), core_.geo);
    rule.word_bytes = static_cast<uint64_t>(core_.geo.pb_word_bytes);
  }
  rule.words_per_pixel = (rule.pixel_bytes + rule.word_bytes - 1) / rule.word_bytes;
  return rule;
}

void LoadDma::move_bytes(const Command& command, const ReadBurst& burst) {
  if (const auto* load = std::get_if<isa::Load>(&command.instruction))
    core_.data->load(*load, burst.ub, burst.offset, burst.data(), burst.bytes);
  else if (const auto* param = std::get_if<isa::LoadParam>(&command.instruction))
    core_.data->load_param(*param, burst.offset, burst.data(), burst.bytes);
  else
    core_.data->fill_line(burst.offset, burst.data(), burst.bytes);
}

Cycle LoadDma::next_event(Cycle t) const {
  Cycle next = std::min(front_.next_event(t), descriptors_.next_event(t));
  next = earlier_after(t, next, drain_to_);
  next = earlier_after(t, next, emit_from_);
  next = earlier_after(t, next, emit_to_);
  if (const ReadBurst* burst = reader_.head()) next = earlier_after(t, next, burst->usable);
  return next;
}

}  // namespace systole::core
