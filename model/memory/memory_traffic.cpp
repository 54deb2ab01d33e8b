// SPDX-License-Identifier: Apache-2.0
// Drives a memory with simple traffic; closed forms for the same.
#include "model/memory/memory_traffic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <deque>
#include <random>
#include <set>

#include "model/memory/ddr_memory.h"

namespace systole::memory {
namespace {

constexpr int kBusBytes = 256;
constexpr double kClockMhz = 8000;  // 2048 GB/s: the bus is never the limit
constexpr int kBursts = 40'000;     // 20 MB

/// Addresses of one direction.
class Addresses {
 public:
  Addresses(const arch::DdrConfig& config, TrafficPattern pattern, bool write)
      : bursts_(static_cast<uint64_t>(config.bytes()) / kTrafficBurst) {
    // Rows of one index over all banks.
    const int64_t row_set = config.channels * config.bank_groups * config.banks * config.page_bytes;
    if (pattern == TrafficPattern::kStrided) step_ = static_cast<uint64_t>(row_set) / kTrafficBurst;
    random_ = pattern == TrafficPattern::kRandom;
    // The writes run half of the banks apart, so that the two streams do not close each other's
    // rows.
    if (write) next_ = bursts_ / 2 + static_cast<uint64_t>(row_set / 2) / kTrafficBurst;
  }
  uint64_t next() {
    if (random_) return generator_() % bursts_ * kTrafficBurst;
    const uint64_t burst = next_ % bursts_;
    next_ += step_;
    return burst * kTrafficBurst;
  }

 private:
  const uint64_t bursts_;
  uint64_t step_ = 1, next_ = 0;
  bool random_ = false;
  std::mt19937_64 generator_{1};
};

double ps(int64_t value) { return static_cast<double>(value); }

/// The share of time that is left beside refreshes.
struct Share {
  double least = 1, most = 1;
};

/// A refresh costs `streams` of accesses a last precharge, itself, and a row to be opened again.
/// One of a bank in each group costs that to those that are in such a bank; at most it also waits
/// for a row that was just opened, and delays a row of another bank.
Share without_refresh(const arch::DdrConfig& c, int streams = 1) {
  const double reopen = ps(c.trp_ps + c.trcd_ps);
  if (c.refreshes_same_bank()) {
    const double banks = static_cast<double>(c.banks), hit = std::min<double>(streams, banks);
    const double round = ps(c.trefisb_ps) * banks;
    const double cost = reopen + ps(c.trfcsb_ps);
    return {1 - (hit * (cost + ps(c.tras_ps)) + (banks - hit) * ps(c.trefsbrd_ps)) / round,
            1 - hit * (cost + ps(c.trtp_ps)) / round};
  }
  if (c.trefi_ps == 0) return {};
  const double share = 1 - (ps(c.trtp_ps) + reopen + ps(c.trfc_ps)) / ps(c.trefi_ps);
  return {share, share};
}

/// 64, or as many bursts as the DRAM delivers while one of them opens another row.
size_t outstanding_bursts(const arch::DdrConfig& c) {
  const double latency = ps(c.controller_ps + c.trp_ps + c.trcd_ps + c.tcl_ps + c.tburst_ps) * 1e-3;
  const double bursts = c.peak_bytes_per_ns() * latency / kTrafficBurst;
  return std::max(kTrafficOutstanding, std::bit_ceil(static_cast<size_t>(std::ceil(bursts))));
}

/// How consecutive addresses spread over the DRAM.
struct Spread {
  explicit Spread(const arch::DdrConfig& c) {
    const DdrAddressMap map(c);
    const auto place = [&](int64_t access) {
      return map.place(static_cast<uint64_t>(access * c.access_bytes));
    };
    std::set<int64_t> burst_channels, burst_groups;
    for (int64_t i = 0; i * c.access_bytes < kTrafficBurst; ++i) {
      burst_channels.insert(place(i).channel);
      if (place(i).channel != place(0).channel) continue;
      in_channel += 1;
      burst_groups.insert(place(i).group);
    }
    channels = static_cast<double>(burst_channels.size());
    groups = static_cast<double>(burst_groups.size());
    in_bank = in_channel / groups;

    const auto pace = [&](int64_t same_group_ps) {
      constexpr int kColumns = 256;
      std::vector<double> group_free(static_cast<size_t>(c.bank_groups), 0);
      double now = 0;
      for (int64_t i = 0, column = 0; column < kColumns; ++i) {
        if (place(i).channel != place(0).channel) continue;
        double& free = group_free[static_cast<size_t>(place(i).group)];
        now = std::max(column == 0 ? 0 : now + ps(c.tccd_s_ps), free);
        free = now + ps(same_group_ps);
        ++column;
      }
      return now / (kColumns - 1);
    };
    read_ps = pace(c.tccd_l_ps);
    write_ps = pace(c.write_to_write_ps());
  }
  double channels = 0;    ///< that a burst uses
  double in_channel = 0;  ///< accesses of a burst in each of them
  double groups = 0;      ///< in each of them
  double in_bank = 0;     ///< accesses of a burst in each bank
  double read_ps = 0;     ///< from column command to column command in one channel, tCCD alone
  double write_ps = 0;
};

}  // namespace

const char* traffic_name(TrafficPattern pattern) {
  static constexpr std::array<const char*, 4> kNames = {"streaming reads", "strided reads",
                                                        "random reads", "reads and writes"};
  return kNames[static_cast<size_t>(pattern)];
}

namespace {

/// Picoseconds from one burst to the next in the same banks but other rows.
double same_bank_burst(const arch::DdrConfig& c, const Spread& s) {
  const double spacing = std::max(ps(c.tccd_l_ps), s.groups * ps(c.tccd_s_ps));
  double last = ps(c.trcd_ps) + (s.in_bank - 1) * spacing;  // column command of the first bank
  if (s.in_bank > 1)  // its second one is behind the first one of the last bank, which opens last
    last += std::max(0.0, (s.groups - 1) * std::max(ps(c.trrd_s_ps), ps(c.tccd_s_ps)) +
                              ps(c.tccd_s_ps) - spacing);
  return std::max(ps(c.tras_ps), last + ps(c.trtp_ps)) + ps(c.trp_ps);
}

/// From the data of a write burst to the command of a read burst behind it.
double write_to_read(const arch::DdrConfig& c, const Spread& s) {
  if (s.groups < static_cast<double>(c.bank_groups)) return ps(c.twtr_s_ps);  // of other groups
  return std::max(ps(c.twtr_s_ps), ps(c.twtr_l_ps) - (s.groups - 1) * s.write_ps);
}

void add_theory(const arch::DdrConfig& c, TrafficPattern pattern, TrafficResult& result) {
  const Spread s(c);
  // GB/s if a burst takes so long in its channels and so many bursts are served at a time.
  const auto rate = [&](double burst_ps, double concurrent, double share) {
    return std::min(c.peak_bytes_per_ns(), 1e3 * kTrafficBurst * concurrent / burst_ps) * share;
  };
  const double parallel = static_cast<double>(c.channels) / s.channels;
  const double data = s.in_channel * s.read_ps;
  const double alone = same_bank_burst(c, s);
  const Share share = without_refresh(c), mixed = without_refresh(c, 2);
  // Each burst activates a row in each bank it uses.
  const double activates = s.groups * std::max(ps(c.trrd_s_ps), ps(c.tfaw_ps) / 4);
  // A read and a write burst, the turn to writing, and the turn to reading: tWTR and then tCL.
  const double pair =
      data + s.in_channel * s.write_ps + ps(c.turnaround_ps) + write_to_read(c, s) + ps(c.tcl_ps);
  switch (pattern) {
    case TrafficPattern::kStream:
      result.at_least = result.at_most = rate(data, parallel, share.most);
      return;
    case TrafficPattern::kStrided:
      result.at_least = rate(alone, 1, share.least);
      result.at_most = rate(alone, 1, share.most);
      return;
    case TrafficPattern::kRandom:  // at worst always the same banks
      result.at_least = rate(alone, 1, share.least);
      result.at_most = rate(std::max(data, activates), parallel, share.most);
      return;
    case TrafficPattern::kMixed:
      result.at_least = result.at_most = rate(pair / 2, parallel, mixed.most);
      return;
  }
}

}  // namespace

TrafficResult run_traffic(const arch::DdrConfig& config, TrafficPattern pattern) {
  DdrMemory memory(config, kClockMhz, kBusBytes);
  const bool mixed = pattern == TrafficPattern::kMixed;
  const size_t most_outstanding = outstanding_bursts(config);
  std::array<Addresses, 2> addresses{Addresses(config, pattern, false),
                                     Addresses(config, pattern, true)};
  std::array<std::deque<Cycle>, 2> outstanding;  // last beats, oldest first
  Cycle cycle = 0, end = 0;
  for (int i = 0; i < kBursts; ++i) {
    const size_t direction = mixed && i % 2 == 1 ? 1 : 0;
    auto& queue = outstanding[direction];
    if (queue.size() == most_outstanding) {
      cycle = std::max(cycle, queue.front() + 1);
      queue.pop_front();
    }
    const BurstTiming timing = memory.schedule(
        {cycle, addresses[direction].next(), kTrafficBurst / kBusBytes, direction == 1});
    queue.push_back(timing.last);
    end = std::max(end, timing.last + 1);
    ++cycle;
  }
  TrafficResult result;
  result.gb_per_s = 1.0 * kBursts * kTrafficBurst / (static_cast<double>(end) * 1e3 / kClockMhz);
  result.stats = memory.stats();
  result.row_hit_rate =
      static_cast<double>(result.stats.row_hits) / static_cast<double>(result.stats.accesses());
  add_theory(config, pattern, result);
  return result;
}

}  // namespace systole::memory
