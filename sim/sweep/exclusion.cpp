// SPDX-License-Identifier: Apache-2.0
// Evaluates limits over intervals.
#include "sim/sweep/exclusion.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/lower/least_work.h"

namespace systole::sweep {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();

/// Figures of a row: bounds where there are any, else everything that is not negative.
expression::Interval figure(const std::string& key, const PointBounds& bounds) {
  if (key == "cycles" || key == "lower_bound_cycles") return {bounds.cycles, kAny};
  if (key == "latency_ms") return {bounds.latency_ms, kAny};
  if (key == "inferences_per_s") return {0, bounds.inferences_per_s};
  if (key == "dram_bytes") return {bounds.dram_bytes, kAny};
  if (key == "mac_utilisation" || key == "mxu_busy") return {0, 1};
  return {0, kAny};
}

/// The end of an interval that the run comes closest to: the one that is a number.
double nearest(const expression::Interval& interval) {
  return std::isfinite(interval.low) && interval.low > 0 ? interval.low : interval.high;
}

}  // namespace

PointBounds point_bounds(const pipeline::NetworkPlan& plan, const arch::ArchConfig& arch,
                         int64_t repeat) {
  const auto batches = static_cast<double>(repeat);
  PointBounds bounds;
  for (const graph::QGraph* graph : plan.graphs()) {
    const lower::LeastWork least = lower::least_work(*graph, arch);
    const auto bytes = static_cast<double>(least.bytes);
    bounds.dram_bytes += bytes;
    bounds.cycles +=  // weights may stay: bytes count once
        std::max({batches * static_cast<double>(least.mxu),
                  batches * static_cast<double>(least.vpu),
                  std::floor(bytes / arch::peak_bytes_per_cycle(arch))});
  }
  bounds.latency_ms = bounds.cycles / (arch.clock_mhz * 1e3);
  bounds.inferences_per_s =
      bounds.cycles > 0 ? batches * static_cast<double>(plan.batch) * 1e3 / bounds.latency_ms
                        : kAny;
  return bounds;
}

std::vector<results::FailedLimit> limits_beyond(const std::vector<expression::Expression>& limits,
                                                const SweepPoint& point, const PointBounds& bounds,
                                                PointValues& values) {
  const auto interval = [&](const std::string& key) -> expression::Interval {
    const auto& known = PointValues::keys();
    if (std::find(known.begin(), known.end(), key) == known.end()) return figure(key, bounds);
    const auto value = values.find(point, key);
    return value ? expression::Interval{*value, *value} : expression::Interval{};
  };
  const auto closest = [&](const std::string& key) -> std::optional<double> {
    const double value = nearest(interval(key));
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  };
  std::vector<results::FailedLimit> failed;
  for (const expression::Expression& limit : limits)
    if (limit.truth_within(interval) == false)
      failed.push_back({limit.text(), limit.excess(closest)});
  return failed;
}

}  // namespace systole::sweep
