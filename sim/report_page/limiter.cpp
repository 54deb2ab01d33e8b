// SPDX-License-Identifier: Apache-2.0
// Weighs the parts of the machine by the cycles that they are in use.
#include "sim/report_page/limiter.h"

#include <algorithm>
#include <initializer_list>

namespace systole::report_page {
namespace {

constexpr double kAtWork = 0.9;
constexpr double kUsedUp = 0.75;
constexpr double kFilled = 2.0 / 3;  // of the products that streaming cycles could make

int64_t sum(const Json& unit_cycles, const char* unit, std::initializer_list<const char*> causes) {
  int64_t cycles = 0;
  for (const char* cause : causes) cycles += unit_cause(unit_cycles, unit, cause);
  return cycles;
}

/// The matrix unit at work, and which part of it is the most.
Limit kind_of_work(const Json& totals) {
  const Json& units = totals.at("unit_cycles");
  const int64_t busy = unit_cause(units, "mxu", "busy");
  if (unit_cause(units, "mxu", "weight_load") > busy) return Limit::kWeightEntry;
  const double streaming = totals.at("mxu_busy").get<double>();
  return totals.at("mac_utilisation").get<double>() < kFilled * streaming ? Limit::kUnfilledArray
                                                                          : Limit::kProducts;
}

/// Most of what moves has been there before.
bool are_buffers_short(const Traffic& traffic) { return 2 * traffic.repeated() > traffic.total; }

double bandwidth_in_use(const Json& totals) {
  const Json& memory = totals.at("memory");
  double share = memory.at("share_of_peak").get<double>();
  if (const auto lost = memory.find("lost"); lost != memory.end())
    share += lost->at("total").get<double>();
  return share;
}

/// What the DMA units do while the matrix unit waits for them.
Limit kind_of_wait(const Json& units) {
  int64_t memory = 0, work = 0;
  for (const char* unit : {"lda", "ldw", "sto"}) {
    memory += unit_cause(units, unit, "memory");
    work += unit_cause(units, unit, "busy");
  }
  return memory > work ? Limit::kMemoryLatency : Limit::kLoads;
}

}  // namespace

std::string_view limit_name(Limit limit) {
  switch (limit) {
    case Limit::kProducts:
      return "products";
    case Limit::kUnfilledArray:
      return "unfilled array";
    case Limit::kWeightEntry:
      return "weight entry";
    case Limit::kBandwidth:
      return "bandwidth";
    case Limit::kBuffers:
      return "buffers";
    case Limit::kMemoryLatency:
      return "memory latency";
    case Limit::kLoads:
      return "loads";
    case Limit::kVectorUnit:
      return "vector unit";
    case Limit::kHandOver:
      return "hand-over";
    case Limit::kBanks:
      return "banks";
    case Limit::kFetch:
      return "fetch";
  }
  return "?";
}

int64_t unit_cause(const Json& unit_cycles, const char* unit, const char* cause) {
  return unit_cycles.at(unit).value(cause, int64_t{0});
}

Traffic traffic_of(const Json& result) {
  const Json& totals = result.at("totals");
  const Json& bytes = totals.at("dram_bytes");
  Traffic traffic;
  traffic.total = bytes.at("total").get<int64_t>();
  traffic.data = bytes.at("weights").get<int64_t>() + bytes.at("activations_read").get<int64_t>() +
                 bytes.at("activations_written").get<int64_t>();
  const double least = totals.at("lower_bound_cycles").at("memory").get<double>() *
                       totals.at("peak_bytes_per_cycle").get<double>();
  traffic.least = std::min(traffic.data, static_cast<int64_t>(least));
  return traffic;
}

Limiter limiter_of(const Json& result) {
  const Json& totals = result.at("totals");
  const Json& units = totals.at("unit_cycles");
  const auto cycles = std::max(1.0, totals.at("cycles").get<double>());
  const auto share = [&](const char* unit, std::initializer_list<const char*> causes) {
    return static_cast<double>(sum(units, unit, causes)) / cycles;
  };
  Limiter found;
  found.all = {
      {kind_of_work(totals), share("mxu", {"busy", "weight_load"})},
      {are_buffers_short(traffic_of(result)) ? Limit::kBuffers : Limit::kBandwidth,
       bandwidth_in_use(totals)},
      {Limit::kVectorUnit, share("vpu", {"busy"})},
      {kind_of_wait(units), share("mxu", {"weights", "sem_lda", "sem_ldw", "sem_sto"})},
      {Limit::kHandOver, share("mxu", {"setup", "drain", "sem_vpu"})},
      {Limit::kBanks, share("mxu", {"bank"})},
      {Limit::kFetch, share("mxu", {"fetch"})},
  };
  // What waits for DMA waits for bandwidth, where that is used up.
  if (bandwidth_in_use(totals) > kUsedUp)
    std::erase_if(found.all, [](const auto& part) {
      return part.first == Limit::kMemoryLatency || part.first == Limit::kLoads;
    });
  std::stable_sort(found.all.begin(), found.all.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  // An array that is hardly ever at rest leaves nothing to bandwidth that is used up beside it.
  const auto work = std::find_if(found.all.begin(), found.all.end(), [](const auto& part) {
    return part.first == Limit::kProducts || part.first == Limit::kUnfilledArray ||
           part.first == Limit::kWeightEntry;
  });
  if (work->second > kAtWork) std::rotate(found.all.begin(), work, work + 1);
  found.limit = found.all.front().first;
  found.share = found.all.front().second;
  return found;
}

}  // namespace systole::report_page
