// SPDX-License-Identifier: Apache-2.0
// Draws units, layers, tokens, queues and the DRAM's traffic, track by track.
#include "sim/trace/timeline.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <string>

#include "model/arch/geometry.h"
#include "model/core/cycle_owner.h"
#include "model/isa/units.h"
#include "model/program/assembler.h"
#include "sim/report/format.h"
#include "sim/trace/dram_replay.h"
#include "sim/trace/names.h"
#include "sim/trace/occupancy.h"
#include "sim/trace/retire_log.h"
#include "sim/trace/tokens.h"
#include "sim/trace/trace_events.h"
#include "sim/trace/unit_work.h"

namespace systole::trace {
namespace {

constexpr int kCore = 1, kDram = 2;  // processes
constexpr int kLines = 16;           // tracks that a unit may have
constexpr Track kLayers = {kCore, 0};
constexpr Cycle kMostBins = 4096, kSmallestBin = 64;  // of the DRAM's traffic

/// Tracks with many slices have short numbers: fetch needs no more than one track.
Track track_of(isa::Unit unit, int line) {
  return {kCore, 1 + static_cast<int>(unit) + (isa::kUnits - 1) * line};
}

/// Among the tracks: those of a unit together.
int place_of(isa::Unit unit, int line) { return (static_cast<int>(unit) + 1) * kLines + line; }

/// The fields of an instruction as the assembler writes them, without what stands in its slice's
/// name: the opcode, and the tag of a layer that has a name.
std::string fields_text(const isa::Words& words, bool has_layer) {
  const std::string text = program::disassemble(words);
  std::istringstream parts(text);
  std::string fields, part;
  for (parts >> part; parts >> part;)
    if (!has_layer || !part.starts_with("tag=")) fields += (fields.empty() ? "" : " ") + part;
  return fields;
}

class Timeline {
 public:
  Timeline(const TracedRun& run, TimelineWindow window, TraceEvents& out)
      : run_(run),
        from_(window.from),
        to_(std::min(window.to, run.result.cycles)),
        out_(out),
        layers_(run.program),
        fetched_(fetch_cycles(run)),
        dispatched_(dispatch_cycles(run.result)) {}

  void draw() {
    out_.name_process(kCore, "accelerator", 0);
    out_.name_process(kDram, "DRAM", 1);
    draw_layers();
    for (const isa::Unit unit : isa::kEveryUnit) draw_unit(unit);
    draw_tokens();
    draw_level("ring of weight tiles", "tiles", ring_changes(run_));
    draw_level("unified buffer", "words", storage_changes(run_, arch::Storage::kUb));
    draw_level("accumulators", "rows", storage_changes(run_, arch::Storage::kAcc));
    draw_traffic();
  }

 private:
  /// The part of [from, to) in the window; empty if there is none.
  std::pair<Cycle, Cycle> clip(Cycle from, Cycle to) const {
    from = std::clamp(from, from_, to_);
    return {from, std::clamp(to, from, to_)};
  }
  bool shows(Cycle cycle) const { return from_ <= cycle && cycle < to_; }

  void draw_layers() {
    out_.name_track(kLayers, "layer", kLayers.thread);
    std::map<uint16_t, std::string> names;
    for (const program::LayerInfo& layer : run_.program.layers) names[layer.tag] = layer.name;
    for (const core::OwnedCycles& owned :
         core::cycle_owners(run_.result.retired, run_.result.cycles)) {
      const auto [from, to] = clip(owned.from, owned.to);
      if (from < to) out_.slice(kLayers, report::printable(names[owned.tag]), from, to);
    }
  }

  void draw_unit(isa::Unit unit) {
    const std::vector<WorkItem> work = work_of(run_.result.retired, unit);
    int lines = 1;
    for (const WorkItem& item : work) lines = std::max(lines, item.line + 1);
    for (int line = 0; line < lines; ++line) {
      const std::string name = isa::unit_name(unit);
      out_.name_track(track_of(unit, line),
                      line == 0 ? name : fmt::format("{} ({})", name, line + 1),
                      place_of(unit, line));
    }
    CauseCutter causes(run_.result.causes[static_cast<size_t>(unit)]);
    Cycle done = 0;
    for (size_t i = 0; i < work.size(); ++i) {
      const WorkItem& item = work[i];
      draw_causes(causes, track_of(unit, 0), done, item.from);
      draw_instruction(unit, item);
      // Of two at work the causes are drawn in the one that started last.
      done = i + 1 < work.size() ? std::clamp(work[i + 1].from, item.from, item.to) : item.to;
      draw_causes(causes, track_of(unit, item.line), item.from, done);
      lines_[item.pc] = item.line;
    }
    draw_causes(causes, track_of(unit, 0), done, run_.result.cycles);
    if (unit != isa::Unit::kFetch) draw_queue(unit, work);
  }

  void draw_causes(CauseCutter& causes, Track track, Cycle from, Cycle to) {
    std::tie(from, to) = clip(from, to);
    causes.cut(from, to, [&](const CausePiece& piece) {
      out_.nested_slice(track, isa::cause_name(piece.cause), piece.from, piece.to);
    });
  }

  void draw_instruction(isa::Unit unit, const WorkItem& item) {
    const auto [from, to] = clip(item.from, item.to);
    if (from == to) return;
    const std::string layer = report::printable(layers_.of(item.pc));
    const std::string fields = fields_text(run_.program.code.at(item.pc), !layer.empty());
    std::string args =
        fmt::format(R"({{"pc":{},"fetch":{},"dispatch":{},"text":{})", item.pc,
                    fetched_.at(item.pc), dispatched_.at(item.pc), json_string(fields));
    if (from != item.from || to != item.to)
      args += fmt::format(R"(,"start":{},"end":{})", item.from, item.to - 1);
    out_.slice(track_of(unit, item.line),
               fmt::format("{}{}{}", layer, layer.empty() ? "" : ": ",
                           isa::opcode_name(opcode_at(run_.program, item.pc))),
               from, to, args + "}");
  }

  /// Instructions that were dispatched and have not started.
  void draw_queue(isa::Unit unit, const std::vector<WorkItem>& work) {
    std::map<Cycle, int> changes;
    for (size_t pc = 0; pc < dispatched_.size(); ++pc)
      if (isa::unit_of(opcode_at(run_.program, static_cast<uint32_t>(pc))) == unit)
        ++changes[dispatched_[pc] + 1];
    for (const WorkItem& item : work) --changes[item.from];
    const std::string name = fmt::format("queue {}", isa::unit_name(unit));
    int depth = 0;
    auto change = changes.begin();
    for (; change != changes.end() && change->first <= from_; ++change) depth += change->second;
    out_.counter(kCore, name, from_, {{"n", static_cast<uint64_t>(depth)}});
    for (; change != changes.end() && change->first < to_; ++change) {
      if (change->second == 0) continue;
      depth += change->second;
      out_.counter(kCore, name, change->first, {{"n", static_cast<uint64_t>(depth)}});
    }
  }

  void draw_tokens() {
    std::map<uint32_t, const core::RetireEvent*> retired;
    for (const core::RetireEvent& event : run_.result.retired) retired[event.pc] = &event;
    for (const Token& token : tokens_taken(run_.program, dispatched_.size())) {
      const auto giver = retired.find(token.producer), taker = retired.find(token.consumer);
      if (giver == retired.end() || taker == retired.end()) continue;
      const core::RetireEvent &give = *giver->second, &take = *taker->second;
      if (!shows(give.end) || !shows(take.start)) continue;
      out_.token(track_of(give.unit, lines_.at(give.pc)), give.end,
                 track_of(take.unit, lines_.at(take.pc)), take.start);
    }
  }

  /// As few cycles as the file allows to have one value.
  Cycle bin() const {
    Cycle bin = kSmallestBin;
    while ((to_ - from_) / bin >= kMostBins) bin *= 2;
    return bin;
  }

  /// What is in use at most in each bin, where that changes.
  void draw_level(const char* what, const char* line, const LevelChanges& changes) {
    const Cycle width = bin();
    const std::string name = fmt::format("{}: most in {} cycles", what, width);
    int64_t level = 0, drawn = -1;
    auto change = changes.begin();
    for (; change != changes.end() && change->cycle <= from_; ++change) level += change->change;
    for (Cycle from = from_; from < to_; from += width) {
      int64_t most = level;
      while (change != changes.end() && change->cycle < from + width) {
        // Changes of one cycle are one.
        const Cycle cycle = change->cycle;
        for (; change != changes.end() && change->cycle == cycle; ++change) level += change->change;
        most = cycle == from ? level : std::max(most, level);
      }
      if (most != drawn) out_.counter(kCore, name, from, {{line, static_cast<uint64_t>(most)}});
      drawn = most;
    }
  }

  /// Bytes of the beats that cross the bus, summed over bins.
  void draw_traffic() {
    const Cycle bin = this->bin();
    const uint64_t bus = static_cast<uint64_t>(arch::Geometry(run_.arch.hw).axi_bytes);
    std::vector<std::array<uint64_t, 2>> bytes(static_cast<size_t>((to_ - from_ + bin - 1) / bin));
    replay_dram(run_, [&](const TracedBurst& burst) {
      const Cycle gaps = burst.event.beats - Cycle{1};
      const Cycle span = burst.timing.last - burst.timing.first;
      for (Cycle beat = 0; beat <= gaps; ++beat) {
        const Cycle cycle = burst.timing.first + (gaps == 0 ? 0 : beat * span / gaps);
        if (shows(cycle))
          bytes[static_cast<size_t>((cycle - from_) / bin)][burst.event.write] += bus;
      }
    });
    const std::string name = fmt::format("bytes in {} cycles", bin);
    for (size_t i = 0; i < bytes.size(); ++i)
      out_.counter(kDram, name, from_ + i * bin, {{"read", bytes[i][0]}, {"write", bytes[i][1]}});
  }

  const TracedRun& run_;
  const Cycle from_, to_;
  TraceEvents& out_;
  const LayerNames layers_;
  const std::vector<Cycle> fetched_, dispatched_;
  std::map<uint32_t, int> lines_;  ///< of instructions, among those of their unit
};

}  // namespace

std::optional<TimelineWindow> window_of_layer(const TracedRun& run, const std::string& name) {
  std::optional<TimelineWindow> window;
  for (const core::RetireEvent& event : run.result.retired) {
    const auto layer =
        std::find_if(run.program.layers.begin(), run.program.layers.end(),
                     [&](const program::LayerInfo& l) { return l.tag == event.tag; });
    if (layer == run.program.layers.end() || layer->name != name) continue;
    if (!window) window = TimelineWindow{event.start, event.end + 1};
    window->from = std::min(window->from, event.start);
    window->to = std::max(window->to, event.end + 1);
  }
  return window;
}

void write_timeline(const TracedRun& run, TimelineWindow window, const std::filesystem::path& file,
                    const std::filesystem::path& named) {
  const arch::MemoryConfig& memory = run.arch.memory;
  window.to = std::min(window.to, run.result.cycles);
  TraceEvents out(
      file, named,
      {{"network", json_string(report::printable(run.program.name))},
       {"architecture", json_string(report::printable(run.arch.name))},
       {"memory", json_string(memory.kind == "ddr" ? memory.ddr.name : memory.kind)},
       {"time", json_string("1 us is one cycle of the core clock; 0 is the first of the run")},
       {"clock_mhz", fmt::format("{}", run.arch.clock_mhz)},
       {"cycles", fmt::format("{}", run.result.cycles)},
       {"from_cycle", fmt::format("{}", window.from)},
       {"to_cycle", fmt::format("{}", window.to)}});
  Timeline(run, window, out).draw();
  out.close();
}

}  // namespace systole::trace
