// SPDX-License-Identifier: Apache-2.0
// One pass with a list of intervals per storage: the last writer, and the last readers since.
#include "compiler/lower/hazards.h"

#include <algorithm>
#include <vector>

namespace systole::lower {
namespace {

constexpr int kNear = 4;  // segments that are looked at one by one

/// Who touched units of a storage last.
struct Touched {
  OpIndex writer = kNoOp;
  int writer_unit = 0;
  Dependencies readers = kNoDependencies;  ///< since that write, by unit
};

/// The units [first, last] of a storage, and where it is kept who touched them: small, as many are
/// moved when one comes between them.
struct Segment {
  uint32_t first, last;
  uint32_t touched;
};

/// The history of one storage. Segments are disjoint and sorted; gaps were never touched.
class History {
 public:
  void access(const Access& access, OpIndex op, int unit, Dependencies& dependencies) {
    const auto first = static_cast<uint32_t>(access.first),
               last = static_cast<uint32_t>(access.last);
    const size_t begin = split(first, find(first)),
                 end = split(last + uint64_t{1}, find_behind(begin, last + uint64_t{1}));
    for (size_t at = begin; at < end; ++at) {
      const Touched& touched = touched_[segments_[at].touched];
      depend(dependencies, touched.writer_unit, touched.writer);
      if (access.write)
        for (int u = 0; u < isa::kUnits; ++u) depend(dependencies, u, touched.readers[u]);
    }
    if (access.write)
      overwrite(begin, end, first, last, {op, unit, kNoDependencies});
    else
      mark_read(begin, first, last, op, unit);
  }

 private:
  using Segments = std::vector<Segment>;

  static void depend(Dependencies& dependencies, int unit, OpIndex op) {
    dependencies[unit] = std::max(dependencies[unit], op);
  }

  Segments::iterator segment(size_t index) {
    return segments_.begin() + static_cast<std::ptrdiff_t>(index);
  }

  uint32_t keep(const Touched& touched) {
    if (free_.empty()) {
      touched_.push_back(touched);
      return static_cast<uint32_t>(touched_.size() - 1);
    }
    const uint32_t at = free_.back();
    free_.pop_back();
    touched_[at] = touched;
    return at;
  }

  /// The first segment that does not end before `at`. Halves without branches, which no processor
  /// foretells here.
  size_t find(uint64_t at) const {
    size_t first = 0;
    for (size_t count = segments_.size(); count > 0;) {
      const size_t half = (count + 1) / 2;
      first += segments_[first + half - 1].last < at ? half : 0;
      count -= half;
    }
    return first;
  }

  /// The same, from `index` on: mostly near.
  size_t find_behind(size_t index, uint64_t at) const {
    for (int steps = 0; steps < kNear; ++steps, ++index)
      if (index == segments_.size() || segments_[index].last >= at) return index;
    return find(at);
  }

  /// Makes `at` the beginning of a segment if it lies inside one, which then is that at `index`,
  /// the first that does not end before it. Gives the first segment at `at` or behind it.
  size_t split(uint64_t at, size_t index) {
    const auto found = segment(index);
    if (found == segments_.end() || found->first >= at) return index;
    const auto begin = static_cast<uint32_t>(at);
    const Segment head{found->first, begin - 1, keep(Touched(touched_[found->touched]))};
    found->first = begin;
    segments_.insert(found, head);
    return index + 1;
  }

  void overwrite(size_t begin, size_t end, uint32_t first, uint32_t last, const Touched& written) {
    if (begin == end) {
      segments_.insert(segment(begin), Segment{first, last, keep(written)});
      return;
    }
    segments_[begin].first = first, segments_[begin].last = last;
    touched_[segments_[begin].touched] = written;
    for (size_t at = begin + 1; at < end; ++at) free_.push_back(segments_[at].touched);
    segments_.erase(segment(begin + 1), segment(end));
  }

  void mark_read(size_t index, uint32_t first, uint32_t last, OpIndex op, int unit) {
    for (uint64_t at = first; at <= last; ++index) {
      const bool none = index == segments_.size();
      if (none || segments_[index].first > at) {
        const uint32_t end = none ? last : std::min(last, segments_[index].first - 1);
        segments_.insert(segment(index), Segment{static_cast<uint32_t>(at), end, keep({})});
      }
      touched_[segments_[index].touched].readers[unit] = op;
      at = segments_[index].last + uint64_t{1};
    }
  }

  Segments segments_;
  std::vector<Touched> touched_;  ///< of each segment
  std::vector<uint32_t> free_;    ///< of those that are of none
};

}  // namespace

std::vector<Dependencies> find_hazards(const TileProgram& program,
                                       const ProgramAccesses& accesses) {
  std::array<History, arch::kStorages> histories;
  std::vector<Dependencies> result(program.ops.size(), kNoDependencies);
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const int unit = static_cast<int>(unit_of(program.ops[k].instruction));
    // A vector may read what it writes over; its reads come first, so that both find the history
    // before it.
    for (const bool write : {false, true})
      for (const Access& access : accesses.of(k))
        if (access.write == write)
          histories[static_cast<size_t>(access.storage)].access(access, static_cast<OpIndex>(k),
                                                                unit, result[k]);
    result[k][unit] = kNoOp;
  }
  return result;
}

}  // namespace systole::lower
