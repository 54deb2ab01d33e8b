// SPDX-License-Identifier: Apache-2.0
// Sums reports and results.
#include "sim/report/merge.h"

#include "sim/report/ratio.h"

namespace systole::report {
namespace {

void add_stats(memory::MemoryStats& to, const memory::MemoryStats& from) {
  to.row_hits += from.row_hits;
  to.row_misses += from.row_misses;
  to.row_conflicts += from.row_conflicts;
  to.refreshes += from.refreshes;
  to.turnarounds += from.turnarounds;
  to.lost_rows_ps += from.lost_rows_ps;
  to.lost_refresh_ps += from.lost_refresh_ps;
  to.lost_turnaround_ps += from.lost_turnaround_ps;
  to.lost_bank_group_ps += from.lost_bank_group_ps;
}

void add_units(UnitCycles& to, const UnitCycles& from) {
  for (size_t u = 0; u < to.size(); ++u) {
    for (size_t c = 0; c < to[u].size(); ++c) to[u][c] += from[u][c];
  }
}

/// A mean over the cycles of all parts.
double over_cycles(const std::vector<Report>& parts, double (*share)(const Report&)) {
  double sum = 0, cycles = 0;
  for (const Report& part : parts) {
    sum += share(part) * static_cast<double>(part.cycles);
    cycles += static_cast<double>(part.cycles);
  }
  return ratio(sum, cycles);
}

MemoryReport merge_memory(const std::vector<Report>& parts) {
  MemoryReport memory;
  memory.name = parts[0].memory.name;
  for (const Report& part : parts) add_stats(memory.stats, part.memory.stats);
  memory.row_hit_rate = ratio(static_cast<double>(memory.stats.row_hits),
                              static_cast<double>(memory.stats.accesses()));
  const auto mean = [&](double (*share)(const Report&)) { return over_cycles(parts, share); };
  memory.share_of_peak = mean([](const Report& r) { return r.memory.share_of_peak; });
  memory.matrix_unit_wait = mean([](const Report& r) { return r.memory.matrix_unit_wait; });
  memory.lost_rows = mean([](const Report& r) { return r.memory.lost_rows; });
  memory.lost_refresh = mean([](const Report& r) { return r.memory.lost_refresh; });
  memory.lost_turnaround = mean([](const Report& r) { return r.memory.lost_turnaround; });
  memory.lost_bank_groups = mean([](const Report& r) { return r.memory.lost_bank_groups; });
  return memory;
}

}  // namespace

Report merge_reports(const std::vector<Report>& parts) {
  Report sum = parts.front();
  if (parts.size() == 1) return sum;
  sum.status = parts.back().status;
  for (size_t i = 1; i < parts.size(); ++i) {
    const Report& part = parts[i];
    sum.cycles += part.cycles;
    sum.latency_ms += part.latency_ms;
    sum.useful_macs += part.useful_macs;
    sum.dense_macs += part.dense_macs;
    sum.bytes += part.bytes;
    sum.lower_bound.mxu += part.lower_bound.mxu;
    sum.lower_bound.vpu += part.lower_bound.vpu;
    sum.lower_bound.memory += part.lower_bound.memory;
    sum.layer_reference += part.layer_reference;
    add_units(sum.units, part.units);
    sum.layers.insert(sum.layers.end(), part.layers.begin(), part.layers.end());
    sum.host.insert(sum.host.end(), part.host.begin(), part.host.end());
    sum.host_seconds += part.host_seconds;
    sum.cpu_seconds += part.cpu_seconds;
  }
  const double seconds = sum.latency_ms * 1e-3;
  const bool finished = sum.status == platform::RunStatus::kFinished;
  sum.inferences_per_s = ratio(finished ? static_cast<double>(sum.items()) : 0, seconds);
  sum.tops = ratio(2e-12 * static_cast<double>(sum.useful_macs), seconds);
  sum.effective_tops = ratio(2e-12 * static_cast<double>(sum.dense_macs), seconds);
  sum.mac_utilisation = over_cycles(parts, [](const Report& r) { return r.mac_utilisation; });
  sum.mxu_busy = over_cycles(parts, [](const Report& r) { return r.mxu_busy; });
  sum.bytes_per_cycle =
      ratio(static_cast<double>(sum.bytes.total()), static_cast<double>(sum.cycles));
  sum.memory = merge_memory(parts);
  sum.distance = distance_to_bound(sum.cycles, sum.lower_bound, sum.units, sum.bytes);
  return sum;
}

Report idle_report(const arch::ArchConfig& arch, int64_t batch, const std::string& engine,
                   bool functional) {
  program::Program none;
  none.hw = arch.hw;
  none.batch = batch;
  platform::RunResult result;
  result.status = platform::RunStatus::kFinished;
  return make_report(none, arch, result, engine, functional);
}

platform::RunResult merge_results(const std::vector<const platform::RunResult*>& parts) {
  platform::RunResult sum;
  for (const platform::RunResult* each : parts) {
    const platform::RunResult& part = *each;
    sum.status = part.status;
    sum.fault = part.fault;
    sum.fault_pc = part.fault_pc;
    sum.cycles += part.cycles;
    for (size_t i = 0; i < sum.counters.size(); ++i) sum.counters[i] += part.counters[i];
    add_stats(sum.memory, part.memory);
    sum.host_seconds += part.host_seconds;
    sum.cpu_seconds += part.cpu_seconds;
    sum.dump = part.dump;
  }
  return sum;
}

}  // namespace systole::report
