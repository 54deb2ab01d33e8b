// SPDX-License-Identifier: Apache-2.0
// Units, queues, tokens, ports, ring, counters and instructions as text.
#include "sim/debug/show.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "model/core/check.h"
#include "model/isa/units.h"
#include "model/program/assembler.h"

namespace systole::debug {

using State = core::FrontRegisters::State;

namespace {

constexpr const char* kStates[] = {"wait", "lock", "run"};

std::string banks_text(const char* what, uint64_t banks, int count) {
  std::vector<int> held;
  for (int b = 0; b < count; ++b)
    if ((banks >> b & 1) != 0) held.push_back(b);
  return held.empty() ? "" : fmt::format("{} {}", what, fmt::join(held, ","));
}

/// "UB read 0,1; ACC 0".
std::string ports_text(core::PortSet ports, const isa::HwParams& hw) {
  std::string text;
  for (const std::string& part :
       {banks_text("UB read", ports & core::kUbReadPorts, hw.ub_banks),
        banks_text("UB write", ports >> core::kUbWriteShift & core::kUbReadPorts, hw.ub_banks),
        banks_text("ACC", ports >> core::kAccShift, 2)})
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  return text;
}

/// The ports that an instruction takes.
core::PortSet ports_of(uint32_t pc, const Surroundings& around) {
  const program::Program& program = around.subject.program;
  core::Command command;
  if (pc >= program.code.size() ||
      core::check_instruction(program.code[pc], pc, program.hw, around.footprints.geometry(),
                              command) != isa::Fault::kNone)
    return 0;
  return command.ports;
}

std::string holders_text(isa::Unit unit, const Moment& now, const Surroundings& around) {
  const core::PortSet wanted = ports_of(now.front(unit).pc, around);
  std::string text;
  for (const isa::Unit other : isa::kEveryUnit) {
    const core::PortSet held = other == unit ? 0 : now.front(other).held & wanted;
    if (held == 0) continue;
    text += fmt::format("{}{} of {}", text.empty() ? "" : ", ",
                        ports_text(held, around.subject.program.hw), isa::unit_name(other));
  }
  return text.empty() ? "ports that another unit takes now" : text;
}

/// What the unit waits for; empty if it does not.
std::string wait_text(isa::Unit unit, const Moment& now, const Surroundings& around) {
  switch (now.cause(unit)) {
    case isa::Cause::kSemLda:
    case isa::Cause::kSemLdw:
    case isa::Cause::kSemMxu:
    case isa::Cause::kSemVpu:
    case isa::Cause::kSemSto: {
      const auto producer =
          static_cast<int>(now.cause(unit)) - static_cast<int>(isa::Cause::kSemLda) + 1;
      return fmt::format("waits for a token of {}",
                         isa::unit_name(static_cast<isa::Unit>(producer)));
    }
    case isa::Cause::kBank:
      return "waits for " + holders_text(unit, now, around);
    case isa::Cause::kMemory:
      return "waits for DRAM";
    case isa::Cause::kWeights:
      return unit == isa::Unit::kMxu
                 ? fmt::format("waits for a weight tile, {} ready", now.registers.ready_tiles)
                 : fmt::format("waits for a place in the ring, {} free", now.registers.free_tiles);
    case isa::Cause::kQueue:
      return "waits for a place in a queue";
    case isa::Cause::kFetch:
      return "waits for fetch";
    default:
      return "";
  }
}

std::string fetch_text(const Moment& now, const Surroundings& around) {
  const uint32_t dispatched = now.registers.dispatched;
  const size_t all = around.subject.program.code.size();
  return dispatched >= all ? fmt::format("all {} dispatched", all)
                           : fmt::format("next {}", around.words.instruction(dispatched));
}

std::string instruction_text(isa::Unit unit, const Moment& now, const Surroundings& around) {
  const core::FrontRegisters& front = now.front(unit);
  std::string text;
  if (front.state != State::kWait)
    text = around.words.instruction(front.pc);
  else if (!front.queue.empty())
    text = "next " + around.words.instruction(front.queue.front());
  std::string flying;
  for (const core::FlyingInstruction& one : front.flying)
    flying += fmt::format("{}{} since {}", flying.empty() ? "" : ", ", one.pc, one.start);
  if (!flying.empty()) text += fmt::format("{}in flight {}", text.empty() ? "" : "; ", flying);
  return text;
}

/// The layers of what is in flight, in the order of the units.
std::string layers_text(const Moment& now, const Surroundings& around) {
  std::vector<std::string> names;
  for (const core::FrontRegisters& front : now.registers.fronts)
    for (const core::FlyingInstruction& one : front.flying)
      if (const std::string layer = around.words.layer_of(one.pc);
          !layer.empty() && std::find(names.begin(), names.end(), layer) == names.end())
        names.push_back(layer);
  return names.empty() ? "" : fmt::format(", at work: {}", fmt::join(names, ", "));
}

}  // namespace

std::string place_in_run(const Target& target, const Surroundings& around) {
  const Moment& now = target.now();
  std::string text = fmt::format("cycle {}: {} of {} instructions have ended", now.cycle,
                                 target.retired().size(), around.subject.program.code.size());
  switch (now.ending) {
    case Ending::kNone:
      return text + layers_text(now, around) + "\n";
    case Ending::kFinished:
      return text + "; the program has finished\n";
    case Ending::kFault:
      return fmt::format("{}; the run has stopped with fault {} of {}\n", text,
                         isa::fault_name(now.registers.fault),
                         around.words.instruction(now.registers.fault_pc));
    case Ending::kWatchdog:
      return fmt::format("{}; the watchdog has stopped it: no progress for {} cycles\n", text,
                         around.subject.watchdog_cycles);
    case Ending::kBroken:
      return fmt::format("{}; the RTL cannot go on: {}\n", text, now.broken);
  }
  return text + "\n";
}

std::string units_text(const Moment& now, const Surroundings& around) {
  std::string text =
      fmt::format("{:<6} {:<5} {:<12} {}\n", "unit", "state", "cause", "instruction");
  for (const isa::Unit unit : isa::kEveryUnit) {
    const bool fetch = unit == isa::Unit::kFetch;
    std::string what = fetch ? fetch_text(now, around) : instruction_text(unit, now, around);
    if (const std::string wait = wait_text(unit, now, around); !wait.empty())
      what += (what.empty() ? "" : "; ") + wait;
    std::string line = fmt::format("{:<6} {:<5} {:<12} {}", isa::unit_name(unit),
                                   fetch ? "" : kStates[static_cast<int>(now.front(unit).state)],
                                   !now.has_causes() ? "" : isa::cause_name(now.cause(unit)), what);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string queues_text(const Moment& now, const Surroundings& around) {
  std::string text;
  for (const isa::Unit unit : isa::kEveryUnit) {
    if (unit == isa::Unit::kFetch) continue;
    const std::vector<uint32_t>& queue = now.front(unit).queue;
    std::string entries;
    for (const uint32_t pc : queue)
      entries += (entries.empty() ? ": " : ", ") + around.words.instruction(pc);
    text += fmt::format("{:<6} {} of {}{}\n", isa::unit_name(unit), queue.size(),
                        around.subject.program.hw.queue_depth, entries);
  }
  return text;
}

std::string semaphores_text(const Moment& now) {
  std::string text;
  for (const isa::Unit producer : isa::kEveryUnit)
    for (const isa::Unit consumer : isa::kEveryUnit)
      if (const int tokens =
              now.registers.tokens[static_cast<size_t>(producer)][static_cast<size_t>(consumer)];
          tokens != 0)
        text += fmt::format("{} -> {}: {}\n", isa::unit_name(producer), isa::unit_name(consumer),
                            tokens);
  return text.empty() ? "no tokens\n" : text;
}

std::string locks_text(const Moment& now, const isa::HwParams& hw) {
  std::string text;
  for (const isa::Unit unit : isa::kEveryUnit)
    if (const core::PortSet held = now.front(unit).held; held != 0)
      text += fmt::format("{:<6} {}\n", isa::unit_name(unit), ports_text(held, hw));
  return text.empty() ? "no ports are held\n" : text;
}

std::string ring_text(const Moment& now, const isa::HwParams& hw) {
  const int ready = now.registers.ready_tiles, free = now.registers.free_tiles;
  return fmt::format("ring of {} weight tiles: {} ready, {} being filled, {} free\n", hw.wb_tiles,
                     ready, hw.wb_tiles - ready - free, free);
}

std::string counters_text(const std::array<uint64_t, isa::kCounters>& counters,
                          const std::string& prefix) {
  std::string text;
  for (size_t i = 0; i < counters.size(); ++i) {
    const std::string name = isa::kCounterInfo[i].name;
    if (counters[i] != 0 && name.starts_with(prefix))
      text += fmt::format("{:<24} {}\n", name, counters[i]);
  }
  return text.empty() ? "all of them are 0\n" : text;
}

namespace {

/// "mxu run, ldw queue": who is at an instruction; empty if nobody is.
std::string marks_of(uint32_t pc, const Moment& now) {
  std::string marks;
  const auto mark = [&](isa::Unit unit, const char* what) {
    marks += fmt::format("{}{} {}", marks.empty() ? "" : ", ", isa::unit_name(unit), what);
  };
  if (pc == now.registers.dispatched) mark(isa::Unit::kFetch, "next");
  for (const isa::Unit unit : isa::kEveryUnit) {
    const core::FrontRegisters& front = now.front(unit);
    const bool flies = std::any_of(front.flying.begin(), front.flying.end(),
                                   [&](const auto& one) { return one.pc == pc; });
    if (front.state != State::kWait && front.pc == pc)
      mark(unit, kStates[static_cast<int>(front.state)]);
    else if (flies)
      mark(unit, "in flight");
    if (std::find(front.queue.begin(), front.queue.end(), pc) != front.queue.end())
      mark(unit, "queue");
  }
  return marks;
}

}  // namespace

std::vector<uint32_t> instructions_at_work(const Moment& now, const Surroundings& around) {
  std::set<uint32_t> found{now.registers.dispatched};
  for (const core::FrontRegisters& front : now.registers.fronts) {
    if (front.state != State::kWait) found.insert(front.pc);
    for (const core::FlyingInstruction& one : front.flying) found.insert(one.pc);
    found.insert(front.queue.begin(), front.queue.end());
  }
  std::erase_if(found, [&](uint32_t pc) { return pc >= around.subject.program.code.size(); });
  return {found.begin(), found.end()};
}

std::string listing(const Moment& now, const Surroundings& around,
                    std::span<const uint32_t> instructions) {
  std::string text;
  for (const uint32_t pc : instructions)
    text += fmt::format("{:<13} {:>5} {}\n", marks_of(pc, now), pc,
                        program::disassemble(around.subject.program.code[pc]));
  return text.empty() ? "no instruction is at work\n" : text;
}

}  // namespace systole::debug
