// SPDX-License-Identifier: Apache-2.0
// First fit, and a fit that weighs banks and earlier buffers.
#include "compiler/lower/allocator.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <tuple>

namespace systole::lower {
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
                                             const std::vector<Range>& old, bool few_banks,
                                             int64_t first_bank) const {
  uint32_t avoid = 0;
  for (const Range& rival : rivals) avoid |= banks(rival);
  std::optional<int64_t> best;
  std::tuple<int64_t, int, int, bool, int64_t> best_cost;
  const auto consider = [&](int64_t address) {
    const Range range{address, words};
    int64_t shared = 0;
    for (const Range& o : old) shared += overlap(range, o);
    const std::tuple cost(shared, std::popcount(banks(range) & avoid),
                          few_banks ? std::popcount(banks(range)) : 0,
                          address < first_bank * bank_words_, address);
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

bool FreeSpace::within(const FreeSpace& other) const {
  return std::all_of(gaps_.begin(), gaps_.end(), [&](const Range& gap) {
    return std::any_of(other.gaps_.begin(), other.gaps_.end(), [&](const Range& wider) {
      return wider.first <= gap.first && gap.end() <= wider.end();
    });
  });
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

std::vector<Range> place_buffers(const FreeSpace& space, const std::vector<Buffer>& buffers,
                                 const std::vector<Range>& rivals, const std::vector<Range>& old,
                                 int64_t first_bank) {
  // Buffers of a kind lie together if there is room for them so, else where each fits.
  struct Lump {
    std::vector<size_t> buffers;
    int64_t words = 0;
  };
  std::vector<Lump> lumps;
  const auto collect = [&](bool together) {
    lumps.clear();
    for (size_t k = 0; k < buffers.size(); ++k) {
      if (buffers[k].words == 0) continue;
      const bool joins = together && k > 0 && !lumps.empty() &&
                         lumps.back().buffers.back() == k - 1 &&
                         buffers[k - 1].kind == buffers[k].kind;
      if (!joins) lumps.emplace_back();
      lumps.back().buffers.push_back(k);
      lumps.back().words += buffers[k].words;
    }
    std::stable_sort(lumps.begin(), lumps.end(),
                     [](const Lump& a, const Lump& b) { return a.words > b.words; });
  };
  std::vector<Range> placed;
  const auto attempt = [&](bool spread, bool together) {
    collect(together);
    FreeSpace left = space;
    placed.assign(buffers.size(), {});
    for (const Lump& lump : lumps) {
      std::vector<Range> avoid = rivals;
      for (size_t k = 0; k < buffers.size(); ++k)
        if (placed[k].count > 0 && buffers[k].kind != buffers[lump.buffers.front()].kind)
          avoid.push_back(placed[k]);
      const auto address =
          spread ? left.spread_fit(lump.words, avoid, old, lump.buffers.size() > 1, first_bank)
                 : left.first_fit(lump.words);
      if (!address) return false;
      left.take({*address, lump.words});
      int64_t at = *address;
      for (const size_t k : lump.buffers)
        placed[k] = {at, buffers[k].words}, at += buffers[k].words;
    }
    return true;
  };
  if (!attempt(true, true) && !attempt(true, false)) attempt(false, false);
  return placed;
}

}  // namespace systole::lower
