// SPDX-License-Identifier: Apache-2.0
// Deals points out in turn.
#include "sim/sweep/shard.h"

#include <fmt/format.h>

#include <charconv>
#include <unordered_map>
#include <utility>

#include "model/base/error.h"
#include "sim/sweep/identity.h"

namespace systole::sweep {
namespace {

/// The number that `text` is; 0: it is none.
size_t number_of(std::string_view text) {
  size_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  return wrong == std::errc() && end == text.data() + text.size() ? number : 0;
}

void keep_machines(SweepSpec& spec, const Shard& shard) {
  std::vector<SweepPoint> points, groups;
  const size_t members = spec.workload.size();
  const size_t first = spec.has_baseline ? 1 : 0;
  for (size_t g = 0; g < spec.groups.size(); ++g) {
    if (g >= first && (g - first) % shard.count != shard.index - 1) continue;
    groups.push_back(spec.groups[g]);
    for (size_t i = 0; i < members; ++i) points.push_back(spec.points[g * members + i]);
  }
  spec.points = std::move(points);
  spec.groups = std::move(groups);
}

}  // namespace

std::string Shard::text() const { return fmt::format("{}/{}", index, count); }

Shard parse_shard(std::string_view text) {
  const size_t slash = text.find('/');
  Shard shard;
  if (slash != std::string_view::npos) {
    shard.index = number_of(text.substr(0, slash));
    shard.count = number_of(text.substr(slash + 1));
  }
  if (slash == std::string_view::npos || shard.count == 0)
    throw Error(fmt::format("--shard {}: expected I/N, the I-th of N shards, as 2/4", text));
  if (shard.index < 1 || shard.index > shard.count)
    throw Error(fmt::format("--shard {}: there is no such shard, expected one of 1/{} to {}/{}",
                            text, shard.count, shard.count, shard.count));
  return shard;
}

SweepSpec shard_of(SweepSpec spec, const Shard& shard) {
  if (shard.count == 1) return spec;
  if (!spec.workload.empty()) {
    keep_machines(spec, shard);
    return spec;
  }
  Identifier identifier;
  std::unordered_map<std::string, size_t> known;  // which of the different points
  std::vector<SweepPoint> points;
  for (SweepPoint& point : spec.points) {
    const size_t number = known.try_emplace(identifier.identity(point), known.size()).first->second;
    if (number % shard.count == shard.index - 1) points.push_back(std::move(point));
  }
  spec.points = std::move(points);
  return spec;
}

}  // namespace systole::sweep
