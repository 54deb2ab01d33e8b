// SPDX-License-Identifier: Apache-2.0
// First fit, and a fit that weighs banks and earlier buffers.
#include "compiler/lower/allocator.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <tuple>

namespace systole {
namespace {

int64_t overlap(Range a, Range b) {
  return std::max<int64_t>(0, std::min(a.end(), b.end()) - std::max(a.first, b.first));
}

}  // namespace

void FreeSpace::take(Range taken) {
  std::vector<Range> left;
  for (const Range& gap : gaps_) {
    const int64_t before = std::min(gap.end(), taken.first) - gap.first;
    const int64_t after_first = std::max(gap.first, taken.end());
    if (before > 0) left.push_back({gap.first, before});
    if (after_first < gap.end() && after_first >= gap.first + std::max<int64_t>(before, 0))
      left.push_back({after_first, gap.end() - after_first});
  }
  gaps_ = std::move(left);
}

std::optional<int64_t> FreeSpace::first_fit(int64_t words) const {
  for (const Range& gap : gaps_)
    if (gap.count >= words) return gap.first;
  return std::nullopt;
}

uint32_t FreeSpace::banks(Range range) const {
  const int64_t first = range.first / bank_words_, last = (range.end() - 1) / bank_words_;
  return static_cast<uint32_t>((uint64_t{2} << last) - (uint64_t{1} << first));
}

std::optional<int64_t> FreeSpace::spread_fit(int64_t words, const std::vector<Range>& rivals,
                                             const std::vector<Range>& old) const {
  uint32_t avoid = 0;
  for (const Range& rival : rivals) avoid |= banks(rival);
  std::optional<int64_t> best;
  std::tuple<int64_t, int, int64_t> best_cost;
  const auto consider = [&](int64_t address) {
    const Range range{address, words};
    int64_t shared = 0;
    for (const Range& o : old) shared += overlap(range, o);
    const std::tuple cost(shared, std::popcount(banks(range) & avoid), address);
    if (best && best_cost <= cost) return;
    best = address;
    best_cost = cost;
  };
  for (const Range& gap : gaps_) {
    if (gap.count < words) continue;
    consider(gap.first);
    consider(gap.end() - words);
    for (int64_t at = ceil_to_bank(gap.first); at + words <= gap.end(); at += bank_words_)
      consider(at);
    for (const Range& o : old)
      if (o.end() >= gap.first && o.end() + words <= gap.end()) consider(o.end());
  }
  return best;
}

bool FreeSpace::fits(std::vector<int64_t> sizes) const {
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  std::vector<int64_t> room;
  for (const Range& gap : gaps_) room.push_back(gap.count);
  for (const int64_t size : sizes) {
    const auto gap = std::find_if(room.begin(), room.end(), [&](int64_t r) { return r >= size; });
    if (gap == room.end()) return false;
    *gap -= size;
  }
  return true;
}

int64_t FreeSpace::total() const {
  int64_t words = 0;
  for (const Range& gap : gaps_) words += gap.count;
  return words;
}

FreeSpace FreeSpace::limited(int64_t words) const {
  FreeSpace space = *this;
  space.gaps_.clear();
  for (Range gap : gaps_) {
    gap.count = std::min(gap.count, words);
    if (gap.count > 0) space.gaps_.push_back(gap);
    words -= gap.count;
  }
  return space;
}

std::vector<Range> place_buffers(const FreeSpace& space, const std::vector<int64_t>& sizes,
                                 const std::vector<Range>& rivals, const std::vector<Range>& old) {
  std::vector<Range> placed(sizes.size());
  const auto attempt = [&](bool spread) {
    FreeSpace left = space;
    std::vector<Range> avoid = rivals;
    std::vector<size_t> order(sizes.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return sizes[a] > sizes[b]; });
    for (const size_t i : order) {
      if (sizes[i] == 0) continue;
      const auto address =
          spread ? left.spread_fit(sizes[i], avoid, old) : left.first_fit(sizes[i]);
      if (!address) return false;
      placed[i] = {*address, sizes[i]};
      left.take(placed[i]);
      avoid.push_back(placed[i]);
    }
    return true;
  };
  if (!attempt(true)) attempt(false);
  return placed;
}

}  // namespace systole
