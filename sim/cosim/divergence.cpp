// SPDX-License-Identifier: Apache-2.0
// Looks for the earliest event that differs, and for who wrote a byte.
#include "sim/cosim/divergence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/isa/causes.h"
#include "sim/report/format.h"
#include "sim/trace/burst_owners.h"
#include "sim/trace/names.h"
#include "sim/trace/wave_words.h"

namespace systole::cosim {
namespace {

/// Keeps the earliest of what is offered.
class Earliest {
 public:
  void offer(Divergence one) {
    if (!first_ || one.cycle < first_->cycle) first_ = std::move(one);
  }
  std::optional<Divergence> take() { return std::move(first_); }

 private:
  std::optional<Divergence> first_;
};

std::string word(const core::RetireEvent& event) {
  return fmt::format("pc {} from {} to {}", event.pc, event.start, event.end);
}

std::string word(const core::DramEvent& event) {
  return fmt::format("{} of 0x{:x}, {} beats, in {}", event.write ? "write" : "read", event.addr,
                     event.beats, event.cycle);
}

/// Calls `see` with the events at which two logs part; null: there is none any more.
template <class Event, class See>
void at_parting(const std::vector<Event>& found, const std::vector<Event>& expected, See see) {
  const auto [f, e] = std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
  const Event* at_f = f == found.end() ? nullptr : &*f;
  const Event* at_e = e == expected.end() ? nullptr : &*e;
  if (at_f != nullptr || at_e != nullptr) see(at_f, at_e);
}

template <class Event>
std::string word_of(const Event* event) {
  return event == nullptr ? "none" : word(*event);
}

void offer_retired(const Outcome& found, const Outcome& expected, Earliest& earliest) {
  at_parting(found.result.retired, expected.result.retired,
             [&](const core::RetireEvent* f, const core::RetireEvent* e) {
               const bool f_first = f != nullptr && (e == nullptr || f->end <= e->end);
               const core::RetireEvent& first = f_first ? *f : *e;
               const bool same = f != nullptr && e != nullptr && f->pc == e->pc;
               const bool start = same && f->start != e->start;
               earliest.offer({start ? std::min(f->start, e->start) : first.end, first.pc,
                               same ? (start ? "start" : "end") : "retired instruction",
                               same ? fmt::to_string(start ? e->start : e->end) : word_of(e),
                               same ? fmt::to_string(start ? f->start : f->end) : word_of(f)});
             });
}

/// The bursts of `run` are those that are expected.
void offer_dram(const Outcome& found, const trace::TracedRun& run, Earliest& earliest) {
  const std::vector<core::DramEvent>& expected = run.result.dram;
  at_parting(found.result.dram, expected, [&](const core::DramEvent* f, const core::DramEvent* e) {
    const bool f_first = f != nullptr && (e == nullptr || f->cycle <= e->cycle);
    std::optional<uint32_t> pc;
    if (e != nullptr) pc = trace::burst_owners(run).at(static_cast<size_t>(e - expected.data())).pc;
    earliest.offer({f_first ? f->cycle : e->cycle, pc, "DRAM burst", word_of(e), word_of(f)});
  });
}

/// The newest instruction of `unit` in `cycle`.
std::optional<uint32_t> newest(const std::vector<core::RetireEvent>& retired, isa::Unit unit,
                               Cycle cycle) {
  std::optional<uint32_t> pc;
  for (const core::RetireEvent& event : retired)
    if (event.unit == unit && event.start <= cycle) pc = event.pc;
  return pc;
}

isa::Cause cause_before(const std::vector<core::CauseEvent>& log, const core::CauseEvent* at) {
  const auto* first = log.data();
  return at == first ? isa::Cause::kIdle : isa::Cause(uint64_t{(at - 1)->cause});
}

void offer_causes(const Outcome& found, const Outcome& expected, Earliest& earliest) {
  for (const isa::Unit unit : isa::kEveryUnit) {
    const auto& f_log = found.result.causes[static_cast<size_t>(unit)];
    const auto& e_log = expected.result.causes[static_cast<size_t>(unit)];
    at_parting(f_log, e_log, [&](const core::CauseEvent* f, const core::CauseEvent* e) {
      const Cycle cycle = std::min(f == nullptr ? kNever : Cycle{f->cycle},
                                   e == nullptr ? kNever : Cycle{e->cycle});
      const auto cause = [&](const auto& log, const core::CauseEvent* at) {
        if (at != nullptr && at->cycle == cycle)
          return isa::cause_name(isa::Cause(uint64_t{at->cause}));
        return isa::cause_name(cause_before(log, at == nullptr ? log.data() + log.size() : at));
      };
      earliest.offer({cycle, newest(expected.result.retired, unit, cycle),
                      fmt::format("cause of {}", isa::unit_name(unit)), cause(e_log, e),
                      cause(f_log, f)});
    });
  }
}

/// "output y[0, 1, 2, 3]", as the network's stored tensor has it; or what else stands there.
std::string place_of(uint64_t addr, const trace::TracedRun& run) {
  for (const auto* tensors : {&run.program.outputs, &run.program.inputs})
    for (const program::TensorInfo& tensor : *tensors) {
      if (addr < tensor.addr || addr >= tensor.addr + static_cast<uint64_t>(tensor.bytes()))
        continue;
      auto rest = static_cast<int64_t>(addr - tensor.addr) / tensor.type().bytes();
      std::vector<int64_t> at(tensor.shape.size());
      for (size_t d = at.size(); d-- > 0; rest /= tensor.shape[d]) at[d] = rest % tensor.shape[d];
      return fmt::format("{} {}[{}]", tensors == &run.program.outputs ? "output" : "input",
                         report::printable(tensor.name), fmt::join(at, ", "));
    }
  for (const trace::DramName& name : trace::dram_names(run, kNever))
    if (addr >= name.from && addr < name.to)
      return fmt::format("byte {} of the {}", addr - name.from, name.name);
  return "no tensor";
}

/// When each burst that writes was asked for, by address.
struct Writer {
  Cycle cycle = kNever;
  std::optional<uint32_t> pc;
};

/// The last write of the byte at `addr`; of several bytes of the same burst it is the same.
Writer writer_of(uint64_t addr, const trace::TracedRun& run,
                 const std::vector<trace::BurstOwner>& owners) {
  for (size_t i = owners.size(); i-- > 0;)
    if (run.result.dram[i].write && addr >= owners[i].addr &&
        addr < uint64_t{owners[i].addr} + owners[i].bytes)
      return {run.result.dram[i].cycle, owners[i].pc};
  return {};
}

uint8_t byte_of(const platform::DramImage& image, uint64_t addr) {
  return addr < image.size() ? image[addr] : uint8_t{0};
}

}  // namespace

std::optional<Divergence> first_wrong_byte(const trace::TracedRun& run,
                                           const platform::DramImage& found,
                                           const platform::DramImage& expected) {
  constexpr int kLooked = 1000;  // wrong bytes; the earliest is among the first, as a rule
  if (found == expected) return std::nullopt;
  const std::vector<trace::BurstOwner> owners = trace::burst_owners(run);
  std::optional<uint64_t> first;
  Writer by;
  int looked = 0;
  for (uint64_t addr = 0; addr < std::max(found.size(), expected.size()) && looked < kLooked;
       ++addr) {
    if (byte_of(found, addr) == byte_of(expected, addr)) continue;
    ++looked;
    const Writer writer = writer_of(addr, run, owners);
    if (first && writer.cycle >= by.cycle) continue;
    first = addr;
    by = writer;
  }
  if (!first) return std::nullopt;
  return Divergence{std::min(by.cycle, run.result.cycles), by.pc,
                    fmt::format("DRAM byte 0x{:x}, {}", *first, place_of(*first, run)),
                    fmt::format("0x{:02x}", byte_of(expected, *first)),
                    fmt::format("0x{:02x}", byte_of(found, *first))};
}

std::optional<Divergence> first_divergence(const Outcome& found, const Outcome& expected,
                                           const program::Program& program,
                                           const arch::ArchConfig& arch) {
  const trace::TracedRun run{program, arch, expected.result};
  Earliest earliest;
  offer_retired(found, expected, earliest);
  offer_dram(found, run, earliest);
  offer_causes(found, expected, earliest);
  if (auto divergence = earliest.take()) return divergence;
  return first_wrong_byte(run, found.image, expected.image);
}

std::string divergence_text(const Divergence& divergence, const program::Program& program) {
  std::string who;
  if (divergence.pc && *divergence.pc < program.code.size()) {
    const std::string layer = trace::LayerNames(program).of(*divergence.pc);
    who = fmt::format(": instruction {} {}{}", *divergence.pc,
                      isa::opcode_name(trace::opcode_at(program, *divergence.pc)),
                      layer.empty() ? "" : " of layer " + report::printable(layer));
  }
  return fmt::format("cycle {}{}: {}: expected {}, found {}\n", divergence.cycle, who,
                     divergence.what, divergence.expected, divergence.found);
}

}  // namespace systole::cosim
