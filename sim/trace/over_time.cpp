// SPDX-License-Identifier: Apache-2.0
// Sums the logs of a run over steps of equal width.
#include "sim/trace/over_time.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "model/arch/geometry.h"
#include "model/core/cycle_owner.h"
#include "model/isa/units.h"
#include "model/memory/ddr_memory.h"
#include "sim/report/format.h"
#include "sim/trace/dram_replay.h"

namespace systole::trace {
namespace {

using Json = nlohmann::ordered_json;

constexpr Cycle kSteps = 120;        // of a window, at most
constexpr size_t kMostLayers = 300;  // of a stage, those with most cycles

struct Window {
  std::string name;
  Cycle from = 0, to = 0;
  Cycle owned = 0;  ///< cycles that belong to the layer
};

/// The bytes of one burst, and what its accesses met.
struct Burst {
  Cycle first = 0, last = 0;
  uint64_t beats = 0;
  bool write = false;
  uint64_t hits = 0, accesses = 0;
};

/// Steps of one window.
class Steps {
 public:
  explicit Steps(const Window& window)
      : window_(window), width_((window.to - window.from + kSteps - 1) / kSteps) {}

  Cycle width() const { return width_; }
  size_t count() const {
    return static_cast<size_t>((window_.to - window_.from + width_ - 1) / width_);
  }
  size_t of(Cycle cycle) const { return static_cast<size_t>((cycle - window_.from) / width_); }
  bool has(Cycle cycle) const { return window_.from <= cycle && cycle < window_.to; }

  /// Adds the cycles [from, to) of the window to the steps that they lie in.
  void add(std::vector<uint64_t>& sums, Cycle from, Cycle to) const {
    from = std::max(from, window_.from);
    to = std::min(to, window_.to);
    while (from < to) {
      const size_t step = of(from);
      const Cycle end = std::min(to, window_.from + (step + 1) * width_);
      sums[step] += end - from;
      from = end;
    }
  }

 private:
  const Window& window_;
  const Cycle width_;
};

/// From the first to the last cycle that belongs to each layer, in the program's order.
std::vector<Window> windows_of(const TracedRun& run) {
  std::map<uint16_t, Window> layers;
  for (const core::OwnedCycles& owned : core::cycle_owners(run.result.retired, run.result.cycles)) {
    const auto [entry, is_new] = layers.try_emplace(owned.tag);
    Window& window = entry->second;
    window.from = is_new ? owned.from : std::min(window.from, owned.from);
    window.to = std::max(window.to, owned.to);
    window.owned += owned.to - owned.from;
  }
  std::vector<Window> windows;
  for (const program::LayerInfo& layer : run.program.layers) {
    const auto found = layers.find(layer.tag);
    if (found == layers.end() || found->second.from == found->second.to) continue;
    windows.push_back(found->second);
    windows.back().name = report::printable(layer.name);
  }
  if (windows.size() <= kMostLayers) return windows;
  std::vector<Cycle> owned;
  for (const Window& window : windows) owned.push_back(window.owned);
  std::nth_element(owned.begin(), owned.begin() + kMostLayers - 1, owned.end(), std::greater<>());
  const Cycle least = owned[kMostLayers - 1];
  std::erase_if(windows, [&](const Window& window) { return window.owned < least; });
  return windows;
}

/// In the order of their first beats.
std::vector<Burst> bursts_of(const TracedRun& run) {
  const std::unique_ptr<memory::MemoryTiming> timing = memory::make_memory_timing(
      run.arch.memory, run.arch.clock_mhz, arch::Geometry(run.arch.hw).axi_bytes);
  std::vector<Burst> bursts;
  bursts.reserve(run.result.dram.size());
  memory::MemoryStats before;
  replay_bursts(run.result, *timing,
                [&](const core::DramEvent& event, const memory::BurstTiming& burst) {
                  const memory::MemoryStats after = timing->stats();
                  bursts.push_back({burst.first, burst.last, event.beats, event.write,
                                    static_cast<uint64_t>(after.row_hits - before.row_hits),
                                    static_cast<uint64_t>(after.accesses() - before.accesses())});
                  before = after;
                });
  std::stable_sort(bursts.begin(), bursts.end(),
                   [](const Burst& a, const Burst& b) { return a.first < b.first; });
  return bursts;
}

/// By cause, those that the unit had.
Json causes_json(const std::vector<core::CauseEvent>& causes, const Window& window,
                 const Steps& steps) {
  std::array<std::vector<uint64_t>, isa::kCauses> sums;
  auto next = std::upper_bound(
      causes.begin(), causes.end(), window.from,
      [](Cycle cycle, const core::CauseEvent& event) { return cycle < event.cycle; });
  Cycle from = window.from;
  auto cause = next == causes.begin() ? isa::Cause::kIdle
                                      : static_cast<isa::Cause>(uint64_t{std::prev(next)->cause});
  while (from < window.to) {
    const Cycle to = next == causes.end() ? window.to : std::min<Cycle>(window.to, next->cycle);
    std::vector<uint64_t>& of_cause = sums[static_cast<size_t>(cause)];
    of_cause.resize(steps.count());
    steps.add(of_cause, from, to);
    from = to;
    if (next != causes.end()) cause = static_cast<isa::Cause>(uint64_t{(next++)->cause});
  }
  Json json = Json::object();
  for (size_t i = 0; i < sums.size(); ++i)
    if (!sums[i].empty()) json[isa::cause_name(static_cast<isa::Cause>(i))] = sums[i];
  return json;
}

class Stage {
 public:
  explicit Stage(const TracedRun& run)
      : run_(run),
        bus_(static_cast<uint64_t>(arch::Geometry(run.arch.hw).axi_bytes)),
        bursts_(bursts_of(run)) {
    for (const Burst& burst : bursts_) longest_ = std::max(longest_, burst.last - burst.first);
  }

  Json window_json(const Window& window, size_t stage) const {
    const Steps steps(window);
    Json json = {{"name", window.name}, {"stage", stage + 1},    {"from", window.from},
                 {"to", window.to},     {"step", steps.width()}, {"units", Json::object()}};
    for (const isa::Unit unit : isa::kEveryUnit)
      json["units"][isa::unit_name(unit)] =
          causes_json(run_.result.causes[static_cast<size_t>(unit)], window, steps);
    add_traffic(window, steps, json);
    return json;
  }

 private:
  void add_traffic(const Window& window, const Steps& steps, Json& json) const {
    std::vector<uint64_t> read(steps.count()), written(steps.count()), hits(steps.count()),
        accesses(steps.count());
    // The first burst that can reach into the window.
    const Cycle earliest = window.from - std::min(window.from, longest_);
    auto burst = std::lower_bound(bursts_.begin(), bursts_.end(), earliest,
                                  [](const Burst& b, Cycle cycle) { return b.first < cycle; });
    for (; burst != bursts_.end() && burst->first < window.to; ++burst) {
      const Cycle gaps = burst->beats - 1, span = burst->last - burst->first;
      for (Cycle beat = 0; beat <= gaps; ++beat) {
        const Cycle cycle = burst->first + (gaps == 0 ? 0 : beat * span / gaps);
        if (steps.has(cycle)) (burst->write ? written : read)[steps.of(cycle)] += bus_;
      }
      if (!steps.has(burst->first)) continue;
      hits[steps.of(burst->first)] += burst->hits;
      accesses[steps.of(burst->first)] += burst->accesses;
    }
    json["read_bytes"] = read;
    json["write_bytes"] = written;
    if (run_.arch.memory.kind != "ddr") return;
    json["row_hits"] = hits;
    json["accesses"] = accesses;
  }

  const TracedRun& run_;
  const uint64_t bus_;
  const std::vector<Burst> bursts_;
  Cycle longest_ = 0;  ///< from the first beat of a burst to its last
};

}  // namespace

OverTime::OverTime()
    : json_({{"schema", "systole.over_time"},
             {"schema_version", kOverTimeVersion},
             {"cycles", 0},
             {"windows", Json::array()}}) {}

void OverTime::add(size_t stage, const TracedRun& run) {
  json_["cycles"] = json_["cycles"].get<uint64_t>() + run.result.cycles;
  if (run.result.cycles == 0) return;
  const Stage one(run);
  json_["windows"].push_back(one.window_json({"", 0, run.result.cycles, 0}, stage));
  for (const Window& window : windows_of(run))
    json_["windows"].push_back(one.window_json(window, stage));
}

}  // namespace systole::trace
