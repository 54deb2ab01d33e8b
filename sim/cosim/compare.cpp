// SPDX-License-Identifier: Apache-2.0
// Finds and words the first divergence of two runs.
#include "sim/cosim/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "model/isa/counter_ids.h"

namespace systole::cosim {
namespace {

constexpr int kLastEvents = 3;  ///< shown of each unit before the divergence
constexpr size_t kListed = 12;  ///< differing counters that are listed

const char* status_name(platform::RunStatus status) {
  switch (status) {
    case platform::RunStatus::kFinished:
      return "finished";
    case platform::RunStatus::kFault:
      return "fault";
    case platform::RunStatus::kWatchdog:
      return "watchdog";
    case platform::RunStatus::kCycleLimit:
      return "cycle limit";
  }
  return "?";
}

std::string describe(const core::RetireEvent& event, const program::Program& program) {
  const char* name = "?";
  if (event.pc < program.code.size())
    name = isa::opcode_name(static_cast<isa::Opcode>(program.code[event.pc][0] & 0xff));
  return fmt::format("pc {} {} {}..{}", event.pc, name, event.start, event.end);
}

std::string describe(const core::DramEvent& event, const program::Program&) {
  return fmt::format("{} 0x{:x} x{} at {}", event.write ? "write" : "read", event.addr, event.beats,
                     event.cycle);
}

Cycle when(const core::RetireEvent& event) { return event.end; }
Cycle when(const core::DramEvent& event) { return event.cycle; }

std::string describe(const memory::MemoryStats& stats) {
  return fmt::format(
      "{} row hits, {} misses, {} conflicts, {} refreshes, {} turnarounds, {}+{}+{}+{} ps lost",
      stats.row_hits, stats.row_misses, stats.row_conflicts, stats.refreshes, stats.turnarounds,
      stats.lost_rows_ps, stats.lost_refresh_ps, stats.lost_turnaround_ps,
      stats.lost_bank_group_ps);
}

/// Where two logs part: an index, and the earlier of the two cycles there.
struct Parting {
  size_t index = 0;
  Cycle cycle = 0;
};

template <class Event>
std::optional<Parting> parting(const std::vector<Event>& a, const std::vector<Event>& b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_a == a.end() && at_b == b.end()) return std::nullopt;
  Cycle cycle = ~Cycle{0};
  if (at_a != a.end()) cycle = std::min(cycle, when(*at_a));
  if (at_b != b.end()) cycle = std::min(cycle, when(*at_b));
  return Parting{static_cast<size_t>(at_a - a.begin()), cycle};
}

/// One unit's column: its last events up to `cycle`, oldest first.
template <class Event, class Keep>
std::string last_events(const std::vector<Event>& log, Cycle cycle, const program::Program& program,
                        Keep keep) {
  std::vector<std::string> found;
  for (auto it = log.rbegin(); it != log.rend() && found.size() < kLastEvents; ++it)
    if (when(*it) <= cycle && keep(*it)) found.push_back(describe(*it, program));
  std::reverse(found.begin(), found.end());
  return found.empty() ? "-" : fmt::format("{}", fmt::join(found, ", "));
}

/// Where the causes of a unit part: its first cycle with different causes.
struct CauseParting {
  Cycle cycle = kNever;
  isa::Unit unit = isa::Unit::kFetch;
  isa::Cause a = isa::Cause::kIdle, b = isa::Cause::kIdle;
};

std::optional<CauseParting> parting(const core::CauseLog& a, const core::CauseLog& b) {
  std::optional<CauseParting> first;
  for (size_t unit = 0; unit < a.size(); ++unit) {
    const auto [at_a, at_b] =
        std::mismatch(a[unit].begin(), a[unit].end(), b[unit].begin(), b[unit].end());
    const auto before = at_a == a[unit].begin() ? isa::Cause::kIdle : isa::Cause((at_a - 1)->cause);
    const Cycle cycle_a = at_a != a[unit].end() ? Cycle{at_a->cycle} : kNever;
    const Cycle cycle_b = at_b != b[unit].end() ? Cycle{at_b->cycle} : kNever;
    const Cycle cycle = std::min(cycle_a, cycle_b);
    if (cycle == kNever || (first && first->cycle <= cycle)) continue;
    first = {cycle, static_cast<isa::Unit>(unit),
             cycle_a == cycle ? isa::Cause(at_a->cause) : before,
             cycle_b == cycle ? isa::Cause(at_b->cause) : before};
  }
  return first;
}

class Comparison {
 public:
  Comparison(const Outcome& a, const Outcome& b, const program::Program& program)
      : a_(a), b_(b), program_(program) {}

  std::string text() const {
    const auto retired = parting(a_.result.retired, b_.result.retired);
    const auto dram = parting(a_.result.dram, b_.result.dram);
    std::string out;
    if (dram && (!retired || dram->cycle <= retired->cycle))
      out += log_divergence("dram burst", *dram, a_.result.dram, b_.result.dram);
    if (retired)
      out += log_divergence("retired instruction", *retired, a_.result.retired, b_.result.retired);
    if (dram && retired && dram->cycle > retired->cycle)
      out += log_divergence("dram burst", *dram, a_.result.dram, b_.result.dram);
    const auto cause = parting(a_.result.causes, b_.result.causes);
    if (cause)
      out += line(fmt::format("cause of {} in cycle {}", isa::unit_name(cause->unit), cause->cycle),
                  isa::cause_name(cause->a), isa::cause_name(cause->b));
    out += end_of_run() + counters() + image();
    if (out.empty()) return out;
    const Cycle cycle =
        std::min({retired ? retired->cycle : kNever, dram ? dram->cycle : kNever,
                  cause ? cause->cycle : kNever, a_.result.cycles, b_.result.cycles});
    return fmt::format("first divergence at or before cycle {}\n", cycle) + out +
           surroundings(cycle);
  }

 private:
  template <class Event>
  std::string log_divergence(const char* what, const Parting& at, const std::vector<Event>& a,
                             const std::vector<Event>& b) const {
    const auto side = [&](const std::vector<Event>& log) {
      return at.index < log.size() ? describe(log[at.index], program_) : std::string("none");
    };
    return fmt::format("  {} {}: {} has {}; {} has {}\n", what, at.index, a_.engine, side(a),
                       b_.engine, side(b));
  }

  std::string line(const std::string& what, const std::string& a, const std::string& b) const {
    if (a == b) return {};
    return fmt::format("  {}: {} has {}; {} has {}\n", what, a_.engine, a, b_.engine, b);
  }

  std::string end_of_run() const {
    const platform::RunResult &a = a_.result, &b = b_.result;
    return line("status", status_name(a.status), status_name(b.status)) +
           line("fault", isa::fault_name(a.fault), isa::fault_name(b.fault)) +
           line("fault_pc", fmt::to_string(a.fault_pc), fmt::to_string(b.fault_pc)) +
           line("cycles", fmt::to_string(a.cycles), fmt::to_string(b.cycles)) +
           line("memory statistics", describe(a.memory), describe(b.memory));
  }

  std::string counters() const {
    std::string out;
    size_t count = 0;
    for (size_t i = 0; i < isa::kCounters; ++i) {
      if (a_.result.counters[i] == b_.result.counters[i]) continue;
      if (++count <= kListed)
        out += line(fmt::format("counter {}", isa::kCounterInfo[i].name),
                    fmt::to_string(a_.result.counters[i]), fmt::to_string(b_.result.counters[i]));
    }
    if (count > kListed) out += fmt::format("  and {} more counters\n", count - kListed);
    return out;
  }

  /// Images are compared as if both went on with zeros.
  std::string image() const {
    const size_t size = std::max(a_.image.size(), b_.image.size());
    const auto byte = [](const platform::DramImage& image, size_t i) {
      return i < image.size() ? image[i] : uint8_t{0};
    };
    size_t count = 0, first = 0;
    if (a_.image == b_.image) return {};
    for (size_t i = 0; i < size; ++i)
      if (byte(a_.image, i) != byte(b_.image, i) && count++ == 0) first = i;
    if (count == 0) return {};
    return line(fmt::format("dram byte 0x{:x} (first of {} that differ)", first, count),
                fmt::format("0x{:02x}", byte(a_.image, first)),
                fmt::format("0x{:02x}", byte(b_.image, first)));
  }

  std::string surroundings(Cycle cycle) const {
    std::string out = "  last events up to there:\n";
    for (int id = 1; id < isa::kUnits; ++id) {
      const auto unit = static_cast<isa::Unit>(id);
      const auto of_unit = [&](const core::RetireEvent& event) { return event.unit == unit; };
      for (const Outcome* side : {&a_, &b_})
        out += fmt::format("    {:<4} {:<6} {}\n", isa::unit_name(unit), side->engine,
                           last_events(side->result.retired, cycle, program_, of_unit));
    }
    for (const Outcome* side : {&a_, &b_})
      out += fmt::format("    dram {:<6} {}\n", side->engine,
                         last_events(side->result.dram, cycle, program_,
                                     [](const core::DramEvent&) { return true; }));
    for (const Outcome* side : {&a_, &b_})
      if (!side->result.dump.empty())
        out += fmt::format("  state of {}:\n{}\n", side->engine, side->result.dump);
    return out;
  }

  const Outcome& a_;
  const Outcome& b_;
  const program::Program& program_;
};

}  // namespace

std::string compare(const Outcome& a, const Outcome& b, const program::Program& program) {
  return Comparison(a, b, program).text();
}

}  // namespace systole::cosim
