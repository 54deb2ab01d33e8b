// SPDX-License-Identifier: Apache-2.0
// One pass with a map of intervals per storage: the last writer, and the last readers since.
#include "compiler/lower/hazards.h"

#include <map>

#include "compiler/lower/effects.h"

namespace systole::lower {
namespace {

constexpr Dependencies kNone = {kNoOp, kNoOp, kNoOp, kNoOp, kNoOp, kNoOp};

/// Who touched the units [key, last] of a storage last.
struct Segment {
  int64_t last;
  OpIndex writer = kNoOp;
  int writer_unit = 0;
  Dependencies readers = kNone;  ///< since that write, by unit
};

/// The history of one storage. Segments are disjoint and sorted; gaps were never touched.
class History {
 public:
  void access(const Access& access, OpIndex op, int unit, Dependencies& dependencies) {
    split(access.first);
    split(access.last + 1);
    auto it = segments_.lower_bound(access.first);
    for (; it != segments_.end() && it->first <= access.last; ++it) {
      const Segment& segment = it->second;
      depend(dependencies, segment.writer_unit, segment.writer);
      if (access.write)
        for (int u = 0; u < isa::kUnits; ++u) depend(dependencies, u, segment.readers[u]);
    }
    if (access.write)
      overwrite(access, op, unit);
    else
      mark_read(access, op, unit);
  }

 private:
  static void depend(Dependencies& dependencies, int unit, OpIndex op) {
    dependencies[unit] = std::max(dependencies[unit], op);
  }

  /// Makes `at` the beginning of a segment if it lies inside one.
  void split(int64_t at) {
    auto it = segments_.upper_bound(at);
    if (it == segments_.begin()) return;
    --it;
    if (it->first == at || it->second.last < at) return;
    Segment tail = it->second;
    it->second.last = at - 1;
    segments_.emplace(at, tail);
  }

  void overwrite(const Access& access, OpIndex op, int unit) {
    segments_.erase(segments_.lower_bound(access.first), segments_.upper_bound(access.last));
    segments_.emplace(access.first, Segment{access.last, op, unit, kNone});
  }

  void mark_read(const Access& access, OpIndex op, int unit) {
    int64_t at = access.first;
    for (auto it = segments_.lower_bound(at); at <= access.last; ++it) {
      const bool gap = it == segments_.end() || it->first > at;
      if (gap) {
        const int64_t end =
            it == segments_.end() ? access.last : std::min(access.last, it->first - 1);
        it = segments_.emplace_hint(it, at, Segment{end});
      }
      it->second.readers[unit] = op;
      at = it->second.last + 1;
    }
  }

  std::map<int64_t, Segment> segments_;
};

}  // namespace

std::vector<Dependencies> find_hazards(const TileProgram& program, const arch::Geometry& geometry) {
  std::array<History, arch::kStorages> histories;
  std::vector<Dependencies> result(program.ops.size(), kNone);
  std::vector<Access> accesses;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const TileOp& op = program.ops[k];
    const int unit = static_cast<int>(unit_of(op.instruction));
    accesses.clear();
    collect_accesses(op, geometry, accesses);
    // A vector may read what it writes over; its reads come first, so that both find the history
    // before it.
    for (const bool write : {false, true})
      for (const Access& access : accesses)
        if (access.write == write)
          histories[static_cast<size_t>(access.storage)].access(access, static_cast<OpIndex>(k),
                                                                unit, result[k]);
    result[k][unit] = kNoOp;
  }
  return result;
}

}  // namespace systole::lower
