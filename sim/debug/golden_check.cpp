// SPDX-License-Identifier: Apache-2.0
// The replay follows the order of the ends; going back begins it anew.
#include "sim/debug/golden_check.h"

#include <algorithm>

namespace systole::debug {

using golden::Storage;

void GoldenCheck::catch_up(const Target& target) {
  const auto& retired = target.retired();
  if (replay_ == nullptr || followed_ > retired.size()) {
    replay_ = std::make_unique<golden::GoldenReplay>(subject_.program, subject_.image,
                                                     subject_.arch.memory.size_mib << 20);
    followed_ = 0;
  }
  for (; followed_ < retired.size(); ++followed_) replay_->end(retired[followed_].pc);
}

std::optional<WrongValue> GoldenCheck::check(Target& target) {
  const size_t first = followed_;
  catch_up(target);
  for (size_t i = first; i < followed_; ++i)
    if (auto wrong = compare(target.retired()[i].pc, target)) return wrong;
  return std::nullopt;
}

bool GoldenCheck::is_being_written(const Moment& moment, Storage storage, uint64_t address) {
  return !footprints_.writing(moment, {storage, address, address + 1}).empty();
}

std::optional<WrongValue> GoldenCheck::compare(uint32_t pc, Target& target) {
  const arch::Geometry& g = footprints_.geometry();
  for (const golden::Access& access : footprints_.of(pc)) {
    if (!access.write || access.begin >= access.end) continue;
    const size_t count = access.end - access.begin;
    if (access.storage == Storage::kAcc) {
      for (uint64_t row = access.begin; row < access.end; ++row) {
        const std::vector<int32_t> sums = target.acc(row);
        const auto right = replay_->acc().subspan(row * sums.size(), sums.size());
        const auto [f, e] = std::mismatch(sums.begin(), sums.end(), right.begin());
        if (f == sums.end() || is_being_written(target.now(), Storage::kAcc, row)) continue;
        return WrongValue{pc, Storage::kAcc, row, static_cast<int>(f - sums.begin()), *e, *f};
      }
      continue;
    }
    const bool in_ub = access.storage == Storage::kUb;
    if (!in_ub && access.storage != Storage::kDram) continue;
    const std::vector<uint8_t> bytes =
        in_ub ? target.ub(access.begin, count) : target.dram(access.begin, count);
    const auto all = in_ub ? replay_->ub() : replay_->dram();
    for (size_t i = 0; i < count && access.begin + i < all.size(); ++i) {
      const uint64_t address = access.begin + i;
      if (bytes[i] == all[address]) continue;
      if (in_ub && address % static_cast<uint64_t>(g.word_bytes) >= static_cast<uint64_t>(g.lanes))
        continue;  // no lane
      if (is_being_written(target.now(), access.storage, address)) continue;
      return WrongValue{pc,
                        access.storage,
                        address,
                        0,
                        static_cast<int8_t>(all[address]),
                        static_cast<int8_t>(bytes[i])};
    }
  }
  return std::nullopt;
}

}  // namespace systole::debug
