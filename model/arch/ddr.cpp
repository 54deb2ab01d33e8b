// SPDX-License-Identifier: Apache-2.0
// Keys of a DRAM, their ranges, and what must fit together.
#include "model/arch/ddr.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"

namespace systole {
namespace {

constexpr std::array<std::string_view, kDdrFields> kFieldNames = {"Ro", "Ba", "Bg", "Co", "Ch"};
constexpr int64_t kLongest = 1'000'000;             // ps: 1 us, far above any command's time
constexpr int64_t kLongestRefresh = 1'000'000'000;  // ps: 1 ms

}  // namespace

DdrMapping parse_ddr_mapping(std::string_view text) {
  DdrMapping mapping{};
  bool legal = text.size() == 2 * kFieldNames.size();
  for (size_t i = 0; legal && i < kFieldNames.size(); ++i) {
    const auto name = std::find(kFieldNames.begin(), kFieldNames.end(), text.substr(2 * i, 2));
    legal = name != kFieldNames.end();
    if (!legal) break;
    mapping[i] = static_cast<DdrField>(name - kFieldNames.begin());
    legal = std::find(mapping.begin(), mapping.begin() + static_cast<int>(i), mapping[i]) ==
            mapping.begin() + static_cast<int>(i);
  }
  if (!legal)
    throw Error(
        fmt::format("memory.mapping: '{}' is not a mapping, expected Ro, Ba, Bg, Co and Ch once "
                    "each, highest address bits first, e.g. RoBaCoBgCh",
                    text));
  return mapping;
}

const std::vector<DdrKey>& ddr_keys() {
  static const std::vector<DdrKey> keys = {
      {"channels", &DdrConfig::channels, 1, 64, true},
      {"bank_groups", &DdrConfig::bank_groups, 1, 16, true},
      {"banks", &DdrConfig::banks, 1, 64, true},
      {"rows", &DdrConfig::rows, 1, 1 << 20, true},
      {"page_bytes", &DdrConfig::page_bytes, 64, 1 << 16, true},
      {"access_bytes", &DdrConfig::access_bytes, 8, 1024, true},
      {"tburst_ps", &DdrConfig::tburst_ps, 1, kLongest, false},
      {"tccd_s_ps", &DdrConfig::tccd_s_ps, 1, kLongest, false},
      {"tccd_l_ps", &DdrConfig::tccd_l_ps, 1, kLongest, false},
      {"trcd_ps", &DdrConfig::trcd_ps, 1, kLongest, false},
      {"trp_ps", &DdrConfig::trp_ps, 1, kLongest, false},
      {"tcl_ps", &DdrConfig::tcl_ps, 1, kLongest, false},
      {"tcwl_ps", &DdrConfig::tcwl_ps, 1, kLongest, false},
      {"tras_ps", &DdrConfig::tras_ps, 1, kLongest, false},
      {"trrd_s_ps", &DdrConfig::trrd_s_ps, 1, kLongest, false},
      {"trrd_l_ps", &DdrConfig::trrd_l_ps, 1, kLongest, false},
      {"tfaw_ps", &DdrConfig::tfaw_ps, 1, kLongest, false},
      {"twr_ps", &DdrConfig::twr_ps, 1, kLongest, false},
      {"twtr_s_ps", &DdrConfig::twtr_s_ps, 1, kLongest, false},
      {"twtr_l_ps", &DdrConfig::twtr_l_ps, 1, kLongest, false},
      {"trtp_ps", &DdrConfig::trtp_ps, 1, kLongest, false},
      {"turnaround_ps", &DdrConfig::turnaround_ps, 0, kLongest, false},
      {"trefi_ps", &DdrConfig::trefi_ps, 0, kLongestRefresh, false},
      {"trfc_ps", &DdrConfig::trfc_ps, 1, kLongestRefresh, false},
      {"controller_ps", &DdrConfig::controller_ps, 0, kLongest, false},
      {"write_bursts", &DdrConfig::write_bursts, 1, 1024, false},
  };
  return keys;
}

std::string check_ddr(const DdrConfig& ddr) {
  for (const DdrKey& key : ddr_keys()) {
    const int64_t value = ddr.*key.member;
    if (value < key.min || value > key.max)
      return fmt::format("memory.{}: {} is outside {}..{}", key.key, value, key.min, key.max);
    if (key.pow2 && (value & (value - 1)) != 0)
      return fmt::format("memory.{}: {} is not a power of two in {}..{}", key.key, value, key.min,
                         key.max);
  }
  const auto at_least = [](const char* key, int64_t value, int64_t least, const char* what) {
    return value >= least ? std::string()
                          : fmt::format("memory.{}: {} is below {} ({})", key, value, least, what);
  };
  // All that may lie between the time a refresh is due and the first column command after it.
  const int64_t refresh = ddr.trfc_ps + ddr.tras_ps + ddr.trp_ps + ddr.trcd_ps + ddr.tcwl_ps +
                          ddr.tburst_ps + ddr.twr_ps;
  for (const std::string& problem :
       {at_least("page_bytes", ddr.page_bytes, ddr.access_bytes, "access_bytes"),
        at_least("tccd_s_ps", ddr.tccd_s_ps, ddr.tburst_ps, "tburst_ps"),
        at_least("tccd_l_ps", ddr.tccd_l_ps, ddr.tccd_s_ps, "tccd_s_ps"),
        at_least("trrd_l_ps", ddr.trrd_l_ps, ddr.trrd_s_ps, "trrd_s_ps"),
        at_least("twtr_l_ps", ddr.twtr_l_ps, ddr.twtr_s_ps, "twtr_s_ps"),
        at_least("tras_ps", ddr.tras_ps, ddr.trcd_ps, "trcd_ps"),
        ddr.trefi_ps == 0 ? std::string()
                          : at_least("trefi_ps", ddr.trefi_ps, refresh,
                                     "trfc + tras + trp + trcd + tcwl + tburst + twr; 0: no "
                                     "refresh")})
    if (!problem.empty()) return problem;
  return {};
}

}  // namespace systole
