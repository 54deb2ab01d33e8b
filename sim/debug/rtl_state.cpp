// SPDX-License-Identifier: Apache-2.0
// Names of scopes and variables as in rtl/; sim/verilated/debug.vlt has them shown.
#include "sim/debug/rtl_state.h"

#include <fmt/format.h>

#include <cstring>

#include "model/base/error.h"
#include "model/isa/units.h"

namespace systole::debug {
namespace {

constexpr int kEvents = isa::kCounters - isa::kUnits * isa::kCauses;
constexpr uint32_t kInstructionBits = 8 * isa::kInstructionBytes;
constexpr uint32_t kPcBits = 32, kCycleBits = 48;

/// Of the list of instructions in flight (sys_issue.sv, INFLIGHT).
uint32_t flying_places(isa::Unit unit) { return unit == isa::Unit::kVpu ? 1 : 4; }

/// `width` bits (64 at most) from bit `from`, a multiple of 8, of an element on.
uint64_t bits(const verilated::RtlVariable& variable, uint32_t width, uint32_t from = 0,
              uint32_t element = 0) {
  uint64_t value = 0;
  std::memcpy(&value, variable.bytes + size_t{element} * variable.element_bytes + from / 8,
              (width + 7) / 8);
  return width == 64 ? value : value & ((uint64_t{1} << width) - 1);
}

uint32_t number(const verilated::RtlVariable& variable, uint32_t width) {
  return static_cast<uint32_t>(bits(variable, width));
}

}  // namespace

RtlState::RtlState(const verilated::RtlApi& api, void* core, const isa::HwParams& hw)
    : api_(api),
      core_(core),
      hw_(hw),
      geometry_(hw),
      dispatched_(find("sys_core.u_fetch", "dispatched_q")),
      ready_(find("sys_core.u_wb", "ready_q")),
      credits_(find("sys_core.u_wb", "credits_q")),
      fault_(find("sys_core.u_run", "code_q")),
      fault_pc_(find("sys_core.u_run", "fault_pc_q")) {
  for (int u = 0; u < isa::kUnits; ++u) {
    const auto unit = static_cast<size_t>(u);
    const std::string counters = fmt::format("sys_core.u_counters.gen_unit[{}]", u);
    causes_[unit] = find(counters, "mem");
    causes_seen_[unit] = find(counters, "seen_q");
    if (u == 0) continue;
    fronts_[unit] = find_front(u);
    for (int c = 1; c < isa::kUnits; ++c)
      if (u != c)
        tokens_[unit][static_cast<size_t>(c)] =
            find(fmt::format("sys_core.u_issue.u_sem.gen_consumer[{}].gen_producer[{}].gen_counter",
                             c, u),
                 "tokens_q");
  }
  for (int e = 1; e < kEvents; ++e)
    events_.push_back(find(fmt::format("sys_core.u_counters.gen_event[{}]", e), "count_q"));
  for (int b = 0; b < hw.ub_banks; ++b)
    ub_.push_back(find(fmt::format("sys_core.u_ub.gen_bank[{}].u_ram", b), "mem"));
  for (int b = 0; b < 2; ++b)
    acc_.push_back(find(fmt::format("sys_core.u_mxu.u_acc.gen_bank[{}].u_ram", b), "mem"));
}

RtlState::Variable RtlState::find(const std::string& scope, const char* name) const {
  const Variable found = api_.variable(core_, scope.c_str(), name);
  if (found.bytes == nullptr)
    throw Error(fmt::format("debug: the RTL has no {}.{}, which is looked at", scope, name));
  return found;
}

RtlState::Front RtlState::find_front(int unit) const {
  const std::string scope = fmt::format("sys_core.u_issue.gen_front[{}].u_front", unit);
  const std::string queue = scope + ".u_queue";
  return {find(scope, "state_q"),     find(scope, "pc_q"),   find(scope, "held_o"),
          find(queue, "mem"),         find(queue, "rptr_q"), find(queue, "count_q"),
          find(scope, "flying_q"),    find(scope, "out_q"),  find(scope, "pc_list_q"),
          find(scope, "start_list_q")};
}

/// {ACC banks, UB write banks, UB read banks}, as sys_issue.sv has them.
core::PortSet RtlState::ports(uint64_t held) const {
  const uint64_t banks = (uint64_t{1} << hw_.ub_banks) - 1;
  return (held & banks) | (held >> hw_.ub_banks & banks) << core::kUbWriteShift |
         held >> 2 * hw_.ub_banks << core::kAccShift;
}

core::FrontRegisters RtlState::front(isa::Unit unit) const {
  using State = core::FrontRegisters::State;
  const Front& from = fronts_[static_cast<size_t>(unit)];
  core::FrontRegisters now;
  now.state = static_cast<State>(bits(from.state, 2));
  if (now.state != State::kWait) now.pc = number(from.pc, kPcBits);
  const auto depth = static_cast<uint32_t>(hw_.queue_depth);
  const uint32_t queued = number(from.queue_count, 8), first = number(from.queue_first, 8);
  for (uint32_t i = 0; i < queued; ++i)
    now.queue.push_back(
        static_cast<uint32_t>(bits(from.queue, kPcBits, kInstructionBits, (first + i) % depth)));
  const uint32_t places = flying_places(unit);
  const uint32_t flying = number(from.flying, 8), oldest = number(from.oldest, 8);
  for (uint32_t i = 0; i < flying; ++i) {
    const uint32_t place = (oldest + i) % places;
    now.flying.push_back({static_cast<uint32_t>(bits(from.pcs, kPcBits, kPcBits * place)),
                          bits(from.starts, kCycleBits, kCycleBits * place)});
  }
  now.held = ports(bits(from.held, static_cast<uint32_t>(2 * hw_.ub_banks + 2)));
  return now;
}

core::Registers RtlState::registers() const {
  core::Registers now;
  now.dispatched = number(dispatched_, 32);
  for (size_t u = 1; u < isa::kUnits; ++u) {
    now.fronts[u] = front(static_cast<isa::Unit>(u));
    for (size_t c = 1; c < isa::kUnits; ++c)
      if (c != u) now.tokens[u][c] = static_cast<uint16_t>(bits(tokens_[u][c], 16));
  }
  now.ready_tiles = static_cast<int>(number(ready_, 8));
  now.free_tiles = static_cast<int>(number(credits_, 8));
  now.fault = static_cast<isa::Fault>(bits(fault_, 4));
  if (now.fault != isa::Fault::kNone) now.fault_pc = number(fault_pc_, 32);
  return now;
}

std::array<uint64_t, isa::kCounters> RtlState::counters(uint64_t cycles) const {
  std::array<uint64_t, isa::kCounters> values{};
  values[0] = cycles;
  for (size_t e = 0; e < events_.size(); ++e) values[e + 1] = bits(events_[e], 64);
  for (size_t u = 0; u < isa::kUnits; ++u) {
    const uint64_t seen = bits(causes_seen_[u], isa::kCauses);
    for (uint32_t c = 0; c < isa::kCauses; ++c)
      if ((seen >> c & 1) != 0) values[kEvents + u * isa::kCauses + c] = bits(causes_[u], 64, 0, c);
  }
  return values;
}

std::vector<uint8_t> RtlState::ub(uint64_t byte, size_t count) const {
  std::vector<uint8_t> bytes(count);
  const auto word_bytes = static_cast<uint64_t>(geometry_.word_bytes);
  const auto bank_words = static_cast<uint64_t>(geometry_.bank_words);
  for (size_t i = 0; i < count; ++i, ++byte) {
    const uint64_t word = byte / word_bytes;
    const Variable& bank = ub_.at(word / bank_words);
    bytes[i] = bank.bytes[word % bank_words * bank.element_bytes + byte % word_bytes];
  }
  return bytes;
}

std::vector<int32_t> RtlState::acc(uint64_t row) const {
  std::vector<int32_t> sums(static_cast<size_t>(hw_.cols));
  const auto bank_rows = static_cast<uint64_t>(hw_.acc_rows / 2);
  const Variable& bank = acc_.at(row / bank_rows);
  std::memcpy(sums.data(), bank.bytes + row % bank_rows * bank.element_bytes, 4 * sums.size());
  return sums;
}

}  // namespace systole::debug
