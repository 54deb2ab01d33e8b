// SPDX-License-Identifier: Apache-2.0
// Holds the clock against the derived one.
#include "sim/report/clock.h"

#include <fmt/format.h>

#include "model/arch/clock.h"
#include "sim/report/format.h"

namespace systole::report {

std::string clock_source(const arch::ArchConfig& arch) {
  return arch.clock_node_nm == 0 ? kGivenClock
                                 : fmt::format("derived at {} nm", arch.clock_node_nm);
}

std::optional<double> derived_clock_mhz(const isa::HwParams& hw, int node_nm) {
  if (!arch::has_clock_node(node_nm)) return std::nullopt;
  return arch::derive_clock(hw, node_nm).mhz;
}

std::vector<std::string> clock_warnings(const arch::ArchConfig& arch, int node_nm) {
  const std::optional<double> derived = derived_clock_mhz(arch.hw, node_nm);
  if (arch.clock_node_nm != 0 || !derived || arch.clock_mhz <= *derived) return {};
  return {fmt::format("clock_mhz {:.6g} of {} is above the {:.6g} derived at {} nm", arch.clock_mhz,
                      printable(arch.name), *derived, node_nm)};
}

nlohmann::ordered_json clock_json(const arch::ArchConfig& arch, std::optional<int> node_nm) {
  nlohmann::ordered_json json = {{"mhz", arch.clock_mhz}, {"source", clock_source(arch)}};
  const auto derived = node_nm ? derived_clock_mhz(arch.hw, *node_nm) : std::nullopt;
  if (!derived) return json;
  json["node_nm"] = *node_nm;
  json["derived_mhz"] = *derived;
  json["above_derived"] = !clock_warnings(arch, *node_nm).empty();
  return json;
}

}  // namespace systole::report
