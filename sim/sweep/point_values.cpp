// SPDX-License-Identifier: Apache-2.0
// Looks at the overrides first, which need not be legal yet, then at what the architecture says.
#include "sim/sweep/point_values.h"

#include <charconv>

#include "model/arch/arch_keys.h"
#include "model/isa/isa.h"
#include "sim/energy/area.h"

namespace systole::sweep {
namespace {

constexpr double kGbPerS = 1e-3;  // of a byte a cycle at 1 MHz

/// The last override of `key`.
std::optional<double> overridden(const SweepPoint& point, const std::string& key) {
  for (auto at = point.set.rbegin(); at != point.set.rend(); ++at) {
    if (!at->starts_with(key) || at->size() <= key.size() || (*at)[key.size()] != '=') continue;
    double value = 0;
    const char* const begin = at->data() + key.size() + 1;
    const char* const end = at->data() + at->size();
    const auto [rest, error] = std::from_chars(begin, end, value);
    return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> memory_value(const arch::ArchConfig& arch, const std::string& key) {
  const arch::MemoryConfig& memory = arch.memory;
  if (key == "size_mib") return static_cast<double>(memory.size_mib);
  if (memory.kind != "random") {
    const double bytes_per_cycle = arch::dram_bytes_per_cycle(arch);
    if (key == "bytes_per_cycle") return bytes_per_cycle;
    if (key == "gb_per_s") return bytes_per_cycle * arch.clock_mhz * kGbPerS;
  }
  if (key == "latency_cycles" && memory.kind == "ideal") return memory.latency_cycles;
  if (key == "seed" && memory.kind == "random") return static_cast<double>(memory.seed);
  if (memory.kind == "ddr")
    for (const arch::DdrKey& one : arch::ddr_keys())
      if (key == one.key) return static_cast<double>(memory.ddr.*one.member);
  return std::nullopt;
}

}  // namespace

const std::vector<std::string>& PointValues::keys() {
  static const std::vector<std::string> kKeys = [] {
    std::vector<std::string> keys = {"batch",       "repeat",    "weights",
                                     "activations", "peak_tops", "area_mm2"};
    for (const std::string& key : arch::override_keys())
      if (arch::kind_of_key(key) != arch::KeyKind::kText) keys.push_back(key);
    for (const choices::ChoiceInfo& choice : choices::kChoices) keys.emplace_back(choice.key);
    return keys;
  }();
  return kKeys;
}

std::optional<double> PointValues::area(const SweepPoint& point) {
  const std::optional<Hardware> hardware = machines_.find(point);
  if (!hardware) return std::nullopt;
  return energy::estimate_area(tables_.find(point.energy_table), hardware->parameters).total_mm2();
}

std::optional<double> PointValues::find(const SweepPoint& point, const std::string& key) {
  if (key == "batch") return static_cast<double>(point.batch);
  if (key == "repeat") return static_cast<double>(point.repeat);
  if (key == "weights") return point.widths.weights;
  if (key == "activations") return point.widths.activations;
  if (key == "area_mm2") return area(point);
  if (key == "peak_tops") {
    const auto rows = find(point, "array.rows"), cols = find(point, "array.cols");
    const auto clock = find(point, "clock_mhz");
    if (!rows || !cols || !clock) return std::nullopt;
    return 2e-6 * *rows * *cols * *clock;  // as a report's
  }
  for (const choices::ChoiceInfo& choice : choices::kChoices)
    if (key == choice.key) return point.choices.*choice.member ? 1 : 0;
  if (key.starts_with("memory.")) {
    const arch::ArchConfig* base = machines_.base(point);
    return base == nullptr ? std::nullopt : memory_value(*base, key.substr(7));
  }
  if (key == "clock_mhz") {
    const arch::ArchConfig* base = machines_.base(point);
    return base == nullptr ? std::nullopt : std::optional(base->clock_mhz);
  }
  if (const auto value = overridden(point, key)) return value;
  const arch::ArchConfig* original = machines_.original(point.arch);
  if (original == nullptr) return std::nullopt;
  for (const isa::HwParamInfo& parameter : isa::kHwParams)
    if (key == parameter.key) return original->hw.*parameter.member;
  return std::nullopt;
}

}  // namespace systole::sweep
