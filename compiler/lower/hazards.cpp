// SPDX-License-Identifier: Apache-2.0
// One pass with a list of intervals per storage: the last writer, and the last readers since.
#include "compiler/lower/hazards.h"

#include <algorithm>
#include <vector>

#include "compiler/lower/effects.h"

namespace systole::lower {
namespace {

constexpr Dependencies kNone = {kNoOp, kNoOp, kNoOp, kNoOp, kNoOp, kNoOp};

/// Who touched the units [first, last] of a storage last.
struct Segment {
  int64_t first, last;
  OpIndex writer = kNoOp;
  int writer_unit = 0;
  Dependencies readers = kNone;  ///< since that write, by unit
};

/// The history of one storage. Segments are disjoint and sorted; gaps were never touched.
class History {
 public:
  void access(const Access& access, OpIndex op, int unit, Dependencies& dependencies) {
    const size_t begin = split(access.first), end = split(access.last + 1);
    for (size_t at = begin; at < end; ++at) {
      const Segment& segment = segments_[at];
      depend(dependencies, segment.writer_unit, segment.writer);
      if (access.write)
        for (int u = 0; u < isa::kUnits; ++u) depend(dependencies, u, segment.readers[u]);
    }
    if (access.write)
      overwrite(begin, end, {access.first, access.last, op, unit, kNone});
    else
      mark_read(begin, access, op, unit);
  }

 private:
  static void depend(Dependencies& dependencies, int unit, OpIndex op) {
    dependencies[unit] = std::max(dependencies[unit], op);
  }

  /// Makes `at` the beginning of a segment if it lies inside one. Gives the first segment at `at`
  /// or behind it.
  size_t split(int64_t at) {
    const auto found =
        std::lower_bound(segments_.begin(), segments_.end(), at,
                         [](const Segment& segment, int64_t unit) { return segment.last < unit; });
    const auto index = static_cast<size_t>(found - segments_.begin());
    if (found == segments_.end() || found->first >= at) return index;
    Segment head = *found;
    head.last = at - 1;
    found->first = at;
    segments_.insert(found, head);
    return index + 1;
  }

  void overwrite(size_t begin, size_t end, const Segment& written) {
    const auto first = segments_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (begin == end) {
      segments_.insert(first, written);
      return;
    }
    *first = written;
    segments_.erase(first + 1, segments_.begin() + static_cast<std::ptrdiff_t>(end));
  }

  void mark_read(size_t index, const Access& access, OpIndex op, int unit) {
    for (int64_t at = access.first; at <= access.last; ++index) {
      const bool none = index == segments_.size();
      if (none || segments_[index].first > at) {
        const int64_t end = none ? access.last : std::min(access.last, segments_[index].first - 1);
        segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(index), Segment{at, end});
      }
      segments_[index].readers[unit] = op;
      at = segments_[index].last + 1;
    }
  }

  std::vector<Segment> segments_;
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
