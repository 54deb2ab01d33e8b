// SPDX-License-Identifier: Apache-2.0
// Interval maps of last writers and readers.
#include "model/golden/shadow.h"

#include <algorithm>

namespace systole::golden {

Shadow::Segments::const_iterator Shadow::first_touching(const Segments& segments,
                                                        uint64_t address) {
  auto it = segments.upper_bound(address);
  if (it != segments.begin() && std::prev(it)->second.end > address) --it;
  return it;
}

void Shadow::split(Segments& segments, uint64_t at) {
  auto it = segments.upper_bound(at);
  if (it == segments.begin()) return;
  --it;
  if (it->first == at || it->second.end <= at) return;
  const Segment upper = it->second;
  it->second.end = at;
  segments.emplace_hint(std::next(it), at, upper);
}

void Shadow::require(const Access& access, isa::Unit unit, Clock& needed) const {
  const Segments& all = segments(access.storage);
  for (auto it = first_touching(all, access.begin); it != all.end() && it->first < access.end;
       ++it) {
    const Segment& s = it->second;
    const int writer = static_cast<int>(s.writer);
    if (s.written && s.writer != unit)
      needed[writer] = std::max(needed[writer], s.writer_index + 1);
    if (!access.write) continue;
    for (int u = 0; u < isa::kUnits; ++u)
      if (u != static_cast<int>(unit)) needed[u] = std::max(needed[u], s.readers[u]);
  }
}

std::optional<Conflict> Shadow::find_conflict(const Access& access, isa::Unit unit,
                                              const Clock& known) const {
  const Segments& all = segments(access.storage);
  for (auto it = first_touching(all, access.begin); it != all.end() && it->first < access.end;
       ++it) {
    const Segment& s = it->second;
    const uint64_t address = std::max(it->first, access.begin);
    if (s.written && s.writer != unit && known[static_cast<int>(s.writer)] <= s.writer_index)
      return Conflict{address, s.writer, s.writer_index, true};
    if (!access.write) continue;
    for (int u = 0; u < isa::kUnits; ++u)
      if (u != static_cast<int>(unit) && known[u] < s.readers[u])
        return Conflict{address, static_cast<isa::Unit>(u), s.readers[u] - 1, false};
  }
  return std::nullopt;
}

std::optional<uint64_t> Shadow::find_unwritten(const Access& access) const {
  const Segments& all = segments(access.storage);
  uint64_t at = access.begin;
  for (auto it = first_touching(all, at); it != all.end() && it->first < access.end; ++it) {
    if (it->first > at || !it->second.written) return at;
    at = it->second.end;
  }
  if (at < access.end) return at;
  return std::nullopt;
}

void Shadow::record(const Access& access, isa::Unit unit, uint32_t index) {
  Segments& all = storages_[static_cast<int>(access.storage)];
  split(all, access.begin);
  split(all, access.end);
  if (access.write) {
    all.erase(all.lower_bound(access.begin), all.lower_bound(access.end));
    all.emplace(access.begin, Segment{access.end, true, unit, index, {}});
    return;
  }
  uint64_t at = access.begin;
  auto it = all.lower_bound(access.begin);
  while (at < access.end) {
    if (it == all.end() || it->first > at) {
      // Never written: readers must still be ordered before a later write.
      const uint64_t end = it == all.end() ? access.end : std::min(access.end, it->first);
      it = all.emplace_hint(it, at, Segment{end, false, isa::Unit::kFetch, 0, {}});
    }
    it->second.readers[static_cast<int>(unit)] = index + 1;
    at = it->second.end;
    ++it;
  }
}

}  // namespace systole::golden
