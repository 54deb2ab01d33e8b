// SPDX-License-Identifier: Apache-2.0
// Deals the bursts of a log out to the units, and takes a wrong guess back.
#include "sim/trace/burst_owners.h"

#include <algorithm>
#include <array>

#include "model/arch/nests.h"
#include "model/base/error.h"
#include "model/core/burst.h"
#include "sim/trace/tokens.h"

namespace systole::trace {
namespace {

using core::DramEvent;

/// A burst that a unit will ask for, as the log shows it.
struct ExpectedBurst {
  BurstOwner owner;
  uint32_t beat_addr = 0;
  int beats = 0;
  bool is(const DramEvent& event) const { return beat_addr == event.addr && beats == event.beats; }
};
using Expected = std::vector<ExpectedBurst>;

/// First and last cycle in which an instruction may be granted a burst.
struct GrantWindow {
  Cycle from = 0, to = kNever;
  bool has(Cycle cycle) const { return from <= cycle && cycle <= to; }
};

/// The DRAM side of an instruction; no bytes if it has none.
core::Runs runs_of(const isa::Words& words, const arch::Geometry& geometry) {
  core::Runs runs;
  const std::optional<isa::AnyInstruction> instruction = isa::decode(words);
  if (!instruction) return runs;
  const arch::Nests nests =
      std::visit([&](const auto& i) { return arch::nests_of(i, geometry); }, *instruction);
  for (const arch::Nest& nest : nests) {
    if (nest.storage != arch::Storage::kDram) continue;
    runs.dram = static_cast<uint64_t>(nest.first);
    runs.bytes = static_cast<uint64_t>(nest.units);
    for (size_t i = 0; i < runs.count.size(); ++i) {
      runs.count[i] = static_cast<uint32_t>(nest.loops[i].count);
      runs.dram_stride[i] = static_cast<uint32_t>(nest.loops[i].stride);
    }
  }
  return runs;
}

/// The bursts of units, at most `most` of each: a run that was stopped did not ask for them all.
class ExpectedBursts {
 public:
  ExpectedBursts(const TracedRun& run, size_t most)
      : geometry_(run.arch.hw), cutter_(geometry_), most_(most) {
    const program::Program& program = run.program;
    core::Runs code;
    code.dram = program.code_addr;
    code.bytes = program.code.size() * isa::kInstructionBytes;
    add(code, isa::Unit::kFetch, 0);
    const size_t dispatched = dispatch_cycles(run.result).size();
    for (size_t pc = 0; pc < std::min(dispatched, program.code.size()); ++pc) {
      const auto opcode = static_cast<isa::Opcode>(isa::Header::decode(program.code[pc]).opcode);
      add(runs_of(program.code[pc], geometry_), isa::unit_of(opcode), static_cast<uint32_t>(pc));
    }
  }
  const Expected& of(isa::Unit unit) const { return bursts_[static_cast<size_t>(unit)]; }

 private:
  void add(const core::Runs& runs, isa::Unit unit, uint32_t pc) {
    Expected& bursts = bursts_[static_cast<size_t>(unit)];
    for (cutter_.begin(runs); !cutter_.done() && bursts.size() < most_;) {
      const core::Burst burst = cutter_.next();
      const uint32_t first = unit == isa::Unit::kFetch
                                 ? static_cast<uint32_t>(burst.offset / isa::kInstructionBytes)
                                 : pc;
      bursts.push_back(
          {{burst.addr, burst.bytes, first, unit}, cutter_.beat_addr(burst), cutter_.beats(burst)});
    }
  }

  const arch::Geometry geometry_;
  core::BurstCutter cutter_;
  const size_t most_;
  std::array<Expected, isa::kUnits> bursts_;
};

/// Of the instructions that were dispatched. One that did not retire can have begun once it was in
/// its queue and had its tokens (docs/timing.md, "Issue").
std::vector<GrantWindow> grant_windows(const TracedRun& run) {
  constexpr Cycle kToGrant = 4;  // seen, taken, ports acquired, started; the first burst pending
  const std::vector<Cycle> dispatched = dispatch_cycles(run.result);
  std::vector<Cycle> ends(dispatched.size(), kNever);
  std::vector<GrantWindow> windows(dispatched.size());
  for (size_t pc = 0; pc < dispatched.size(); ++pc) windows[pc].from = dispatched[pc] + kToGrant;
  for (const core::RetireEvent& event : run.result.retired) ends.at(event.pc) = event.end;
  for (const Token& token : tokens_taken(run.program, dispatched.size())) {
    Cycle& from = windows[token.consumer].from;
    from =
        ends[token.producer] == kNever ? kNever : std::max(from, ends[token.producer] + kToGrant);
  }
  for (const core::RetireEvent& event : run.result.retired)
    windows[event.pc] = {event.start + 1, event.end};
  return windows;
}

/// Deals out the reads of a log.
class ReadDealer {
 public:
  ReadDealer(const ExpectedBursts& bursts, const std::vector<GrantWindow>& windows)
      : bursts_(bursts), windows_(windows) {}

  std::vector<BurstOwner> deal(const std::vector<const DramEvent*>& reads) {
    std::vector<BurstOwner> owners;
    std::vector<Guess> guesses;
    owners.reserve(reads.size());
    while (owners.size() < reads.size()) {
      const std::vector<isa::Unit> units = candidates(*reads[owners.size()]);
      for (size_t i = units.size(); i > 1; --i)
        guesses.push_back({owners.size(), state_, units[i - 1]});
      if (!units.empty()) {
        take(units[0], owners);
        continue;
      }
      if (guesses.empty()) throw internal_error("the DRAM log does not fit the program");
      const Guess guess = guesses.back();
      guesses.pop_back();
      owners.resize(guess.at);
      state_ = guess.state;
      take(guess.other, owners);
    }
    return owners;
  }

 private:
  static constexpr std::array kLoads = {isa::Unit::kLda, isa::Unit::kLdw};

  struct State {
    std::array<size_t, isa::kUnits> next{};  ///< of each unit's bursts
    isa::Unit granted = isa::Unit::kLdw;     ///< of lda and ldw the last one
  };
  struct Guess {
    size_t at;
    State state;
    isa::Unit other;
  };

  bool may_be(isa::Unit unit, const DramEvent& event) const {
    const Expected& bursts = bursts_.of(unit);
    const size_t next = state_.next[static_cast<size_t>(unit)];
    if (next >= bursts.size() || !bursts[next].is(event)) return false;
    return unit == isa::Unit::kFetch || windows_[bursts[next].owner.pc].has(event.cycle - 1);
  }

  /// The likeliest first.
  std::vector<isa::Unit> candidates(const DramEvent& event) const {
    std::vector<isa::Unit> units;
    if (may_be(isa::Unit::kFetch, event)) units.push_back(isa::Unit::kFetch);
    const bool lda_last = state_.granted == isa::Unit::kLda;
    for (const isa::Unit unit : {kLoads[lda_last ? 1 : 0], kLoads[lda_last ? 0 : 1]})
      if (may_be(unit, event)) units.push_back(unit);
    return units;
  }

  void take(isa::Unit unit, std::vector<BurstOwner>& owners) {
    owners.push_back(bursts_.of(unit)[state_.next[static_cast<size_t>(unit)]++].owner);
    if (unit != isa::Unit::kFetch) state_.granted = unit;
  }

  const ExpectedBursts& bursts_;
  const std::vector<GrantWindow>& windows_;
  State state_;
};

}  // namespace

std::vector<Cycle> dispatch_cycles(const platform::RunResult& result) {
  std::vector<Cycle> cycles;
  const auto& causes = result.causes[static_cast<size_t>(isa::Unit::kFetch)];
  for (size_t i = 0; i < causes.size(); ++i) {
    if (static_cast<isa::Cause>(causes[i].cause) != isa::Cause::kBusy) continue;
    const Cycle to = i + 1 < causes.size() ? causes[i + 1].cycle : result.cycles;
    for (Cycle cycle = causes[i].cycle; cycle < to; ++cycle) cycles.push_back(cycle);
  }
  return cycles;
}

std::vector<BurstOwner> burst_owners(const TracedRun& run) {
  const std::vector<DramEvent>& log = run.result.dram;
  const ExpectedBursts bursts(run, log.size());
  std::vector<const DramEvent*> reads;
  for (const DramEvent& event : log)
    if (!event.write) reads.push_back(&event);
  const std::vector<GrantWindow> windows = grant_windows(run);
  const std::vector<BurstOwner> owners = ReadDealer(bursts, windows).deal(reads);

  std::vector<BurstOwner> all;
  all.reserve(log.size());
  const Expected& stores = bursts.of(isa::Unit::kSto);
  size_t read = 0, store = 0;
  for (const DramEvent& event : log) {
    if (!event.write) {
      all.push_back(owners[read++]);
      continue;
    }
    if (store == stores.size() || !stores[store].is(event))
      throw internal_error("the DRAM log does not fit the program");
    all.push_back(stores[store++].owner);
  }
  return all;
}

}  // namespace systole::trace
