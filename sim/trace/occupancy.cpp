// SPDX-License-Identifier: Apache-2.0
// Follows the instructions' loop nests.
#include "sim/trace/occupancy.h"

#include <algorithm>

#include "model/arch/geometry.h"
#include "model/arch/nests.h"
#include "model/isa/any_instruction.h"

namespace systole::trace {
namespace {

constexpr int64_t kMostGranules = 4096;

LevelChanges in_order(LevelChanges changes) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const LevelChange& a, const LevelChange& b) { return a.cycle < b.cycle; });
  return changes;
}

/// Pieces of a storage, and since when each holds what will be read.
class StorageUse {
 public:
  StorageUse(int64_t units, LevelChanges& changes)
      : size_((units + kMostGranules - 1) / kMostGranules),
        granules_(static_cast<size_t>((units + size_ - 1) / size_)),
        changes_(changes) {}

  void touch(const arch::Nest& nest, const core::RetireEvent& event) {
    ++stamp_;
    int64_t units = nest.units;
    int inner = static_cast<int>(nest.loops.size()) - 1;
    // Steps that follow one another without gaps are one.
    for (; inner >= 0; --inner) {
      const arch::Loop& loop = nest.loops[static_cast<size_t>(inner)];
      if (loop.count != 1 && loop.stride != units) break;
      units *= loop.count;
    }
    walk(nest, 0, inner, nest.first, units, event);
  }

  void finish() {
    for (Granule& granule : granules_)
      if (granule.holds) close(granule);
  }

 private:
  struct Granule {
    bool holds = false, was_read = false;
    Cycle from = 0, until = 0;
    uint64_t stamp = 0;
  };

  void walk(const arch::Nest& nest, int depth, int deepest, int64_t first, int64_t units,
            const core::RetireEvent& event) {
    if (depth > deepest) {
      const auto last = std::min<int64_t>((first + units - 1) / size_,
                                          static_cast<int64_t>(granules_.size()) - 1);
      for (int64_t g = first / size_; g <= last; ++g)
        mark(granules_[static_cast<size_t>(g)], nest.write, event);
      return;
    }
    const arch::Loop& loop = nest.loops[static_cast<size_t>(depth)];
    for (int64_t i = 0; i < loop.count; ++i)
      walk(nest, depth + 1, deepest, first + i * loop.stride, units, event);
  }

  void mark(Granule& granule, bool write, const core::RetireEvent& event) {
    if (granule.stamp == stamp_) return;
    granule.stamp = stamp_;
    // What is written after a read is something new, unless the read still goes on.
    if (write && granule.holds && granule.was_read && event.start > granule.until) close(granule);
    if (!granule.holds) {
      if (!write) return;  // of nothing that the run has written
      granule.holds = true;
      granule.was_read = false;
      granule.from = event.start;
      granule.until = event.end;
    }
    granule.until = std::max(granule.until, event.end);
    granule.was_read = granule.was_read || !write;
  }

  void close(Granule& granule) {
    changes_.push_back({granule.from, size_});
    changes_.push_back({granule.until + 1, -size_});
    granule.holds = false;
  }

  const int64_t size_;  ///< units of a granule
  std::vector<Granule> granules_;
  LevelChanges& changes_;
  uint64_t stamp_ = 0;  ///< of the nest that is marked
};

}  // namespace

LevelChanges storage_changes(const TracedRun& run, arch::Storage storage) {
  const arch::Geometry geometry(run.arch.hw);
  std::vector<const core::RetireEvent*> events;
  for (const core::RetireEvent& event : run.result.retired) events.push_back(&event);
  std::stable_sort(events.begin(), events.end(),
                   [](const auto* a, const auto* b) { return a->start < b->start; });
  LevelChanges changes;
  StorageUse use(arch::storage_size(storage, run.arch.hw, geometry), changes);
  for (const core::RetireEvent* event : events) {
    const auto decoded = isa::decode(run.program.code.at(event->pc));
    if (!decoded) continue;
    const arch::Nests nests = arch::nests_of(*decoded, geometry);
    for (const bool write : {false, true})
      for (const arch::Nest& nest : nests)
        if (nest.storage == storage && nest.write == write) use.touch(nest, *event);
  }
  use.finish();
  return in_order(std::move(changes));
}

}  // namespace systole::trace
