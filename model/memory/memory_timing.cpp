// SPDX-License-Identifier: Apache-2.0
// The rules of the memory timing models; docs/memory.md states them for readers.
#include "model/memory/memory_timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/base/error.h"
#include "model/memory/ddr_memory.h"

namespace systole::memory {
namespace {

// Bus time is counted in 1/65536 cycle: exact in any order of requests, and 2^48 cycles fit.
constexpr int kFractionBits = 16;
constexpr uint64_t kOneCycle = uint64_t{1} << kFractionBits;

uint64_t beat_time(double bytes_per_cycle, int bus_bytes) {
  // The bound keeps bursts of 256 beats far from the end of the number range.
  constexpr double kSlowest = 0x1p-20;
  if (!(bytes_per_cycle >= kSlowest))
    throw Error(
        fmt::format("memory.bytes_per_cycle: {} is below {:.2g}, the slowest memory there is",
                    bytes_per_cycle, kSlowest));
  const double cycles = std::max(1.0, bus_bytes / bytes_per_cycle);
  return static_cast<uint64_t>(std::llround(cycles * static_cast<double>(kOneCycle)));
}

}  // namespace

IdealMemory::IdealMemory(double bytes_per_cycle, int latency_cycles, int bus_bytes)
    : latency_(static_cast<Cycle>(std::max(1, latency_cycles))),
      beat_time_(beat_time(bytes_per_cycle, bus_bytes)) {}

BurstTiming IdealMemory::schedule(const BurstRequest& request) {
  const uint64_t start = std::max((request.cycle + latency_) << kFractionBits, bus_free_);
  const uint64_t beats = static_cast<uint64_t>(request.beats);
  bus_free_ = start + beats * beat_time_;
  BurstTiming timing;
  timing.accept = request.cycle;
  timing.first = start >> kFractionBits;
  timing.last = (start + (beats - 1) * beat_time_) >> kFractionBits;
  return timing;
}

uint64_t RandomMemory::draw(uint64_t bound) {
  // SplitMix64 (Steele, Lea, Flood 2014).
  uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (z ^ (z >> 31)) % bound;
}

Cycle RandomMemory::stall() {
  const uint64_t kind = draw(16);
  if (kind < 8) return 0;
  if (kind < 13) return draw(4);
  if (kind < 15) return draw(24);
  return draw(150);
}

BurstTiming RandomMemory::schedule(const BurstRequest& request) {
  Cycle& last_beat = last_beat_[request.write ? 1 : 0];
  const Cycle gaps = static_cast<Cycle>(request.beats - 1);
  BurstTiming timing;
  timing.accept = request.cycle + stall();
  timing.first = std::max(timing.accept, last_beat) + 1 + stall();
  timing.last = timing.first + gaps;
  if (draw(3) == 0) timing.last += draw(3 * gaps + 1);
  last_beat = timing.last;
  return timing;
}

std::unique_ptr<MemoryTiming> make_memory_timing(const arch::MemoryConfig& config, double clock_mhz,
                                                 int bus_bytes) {
  if (config.kind == "ideal")
    return std::make_unique<IdealMemory>(config.bytes_per_cycle, config.latency_cycles, bus_bytes);
  if (config.kind == "random") return std::make_unique<RandomMemory>(config.seed);
  if (config.kind == "ddr") {
    if (const std::optional<arch::DdrProblem> problem = arch::check_ddr(config.ddr))
      throw Error(fmt::format("memory.{}: {}", problem->key, problem->text));
    return std::make_unique<DdrMemory>(config.ddr, clock_mhz, bus_bytes);
  }
  throw Error(
      fmt::format("memory.kind: '{}' is not a memory, expected ideal, ddr or random", config.kind));
}

}  // namespace systole::memory
