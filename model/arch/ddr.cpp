// SPDX-License-Identifier: Apache-2.0
// Keys of a DRAM, their ranges, and what must fit together.
#include "model/arch/ddr.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/base/error.h"

namespace systole::arch {
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
        fmt::format("'{}' is not a mapping, expected Ro, Ba, Bg, Co and Ch once "
                    "each, highest address bits first, e.g. RoBaCoBgCh",
                    text));
  return mapping;
}

const std::vector<DdrKey>& ddr_keys() {
  using enum DdrSection;
  constexpr bool kOptional = true;
  static const std::vector<DdrKey> keys = {
      {"channels", &DdrConfig::channels, 1, 64, kOrganisation},
      {"bank_groups", &DdrConfig::bank_groups, 1, 16, kOrganisation},
      {"banks", &DdrConfig::banks, 1, 64, kOrganisation},
      {"rows", &DdrConfig::rows, 1, 1 << 20, kOrganisation},
      {"page_bytes", &DdrConfig::page_bytes, 64, 1 << 16, kOrganisation},
      {"access_bytes", &DdrConfig::access_bytes, 8, 1024, kOrganisation},
      {"tburst_ps", &DdrConfig::tburst_ps, 1, kLongest, kTiming},
      {"tccd_s_ps", &DdrConfig::tccd_s_ps, 1, kLongest, kTiming},
      {"tccd_l_ps", &DdrConfig::tccd_l_ps, 1, kLongest, kTiming},
      {"tccd_l_wr_ps", &DdrConfig::tccd_l_wr_ps, 0, kLongest, kTiming, kOptional},
      {"trcd_ps", &DdrConfig::trcd_ps, 1, kLongest, kTiming},
      {"trp_ps", &DdrConfig::trp_ps, 1, kLongest, kTiming},
      {"tcl_ps", &DdrConfig::tcl_ps, 1, kLongest, kTiming},
      {"tcwl_ps", &DdrConfig::tcwl_ps, 1, kLongest, kTiming},
      {"tras_ps", &DdrConfig::tras_ps, 1, kLongest, kTiming},
      {"trrd_s_ps", &DdrConfig::trrd_s_ps, 1, kLongest, kTiming},
      {"trrd_l_ps", &DdrConfig::trrd_l_ps, 1, kLongest, kTiming},
      {"tfaw_ps", &DdrConfig::tfaw_ps, 1, kLongest, kTiming},
      {"twr_ps", &DdrConfig::twr_ps, 1, kLongest, kTiming},
      {"twtr_s_ps", &DdrConfig::twtr_s_ps, 1, kLongest, kTiming},
      {"twtr_l_ps", &DdrConfig::twtr_l_ps, 1, kLongest, kTiming},
      {"trtp_ps", &DdrConfig::trtp_ps, 1, kLongest, kTiming},
      {"turnaround_ps", &DdrConfig::turnaround_ps, 0, kLongest, kTiming},
      {"trefi_ps", &DdrConfig::trefi_ps, 0, kLongestRefresh, kTiming},
      {"trfc_ps", &DdrConfig::trfc_ps, 1, kLongestRefresh, kTiming},
      {"trefisb_ps", &DdrConfig::trefisb_ps, 0, kLongestRefresh, kTiming, kOptional},
      {"trfcsb_ps", &DdrConfig::trfcsb_ps, 0, kLongestRefresh, kTiming, kOptional},
      {"trefsbrd_ps", &DdrConfig::trefsbrd_ps, 0, kLongest, kTiming, kOptional},
      {"controller_ps", &DdrConfig::controller_ps, 0, kLongest, kController},
      {"write_bursts", &DdrConfig::write_bursts, 1, 1024, kController},
  };
  return keys;
}

std::optional<DdrProblem> check_ddr(const DdrConfig& ddr) {
  for (const DdrKey& key : ddr_keys()) {
    const int64_t value = ddr.*key.member;
    if (value < key.min || value > key.max)
      return DdrProblem{key.key, fmt::format("{} is outside {}..{}", value, key.min, key.max)};
    if (key.pow2() && (value & (value - 1)) != 0)
      return DdrProblem{key.key,
                        fmt::format("{} is not a power of two in {}..{}", value, key.min, key.max)};
  }
  struct Least {
    const char* key;
    int64_t value, least;
    const char* what;
  };
  // All that may lie between the time a refresh is due and the first column command after it,
  // beside the refresh.
  const int64_t around =
      ddr.tras_ps + ddr.trp_ps + ddr.trcd_ps + ddr.tcwl_ps + ddr.tburst_ps + ddr.twr_ps;
  std::vector<Least> rules = {
      {"page_bytes", ddr.page_bytes, ddr.access_bytes, "access_bytes"},
      {"tccd_s_ps", ddr.tccd_s_ps, ddr.tburst_ps, "tburst_ps"},
      {"tccd_l_ps", ddr.tccd_l_ps, ddr.tccd_s_ps, "tccd_s_ps"},
      {"tccd_l_wr_ps", ddr.write_to_write_ps(), ddr.tccd_l_ps, "tccd_l_ps; 0: the same"},
      {"trrd_l_ps", ddr.trrd_l_ps, ddr.trrd_s_ps, "trrd_s_ps"},
      {"twtr_l_ps", ddr.twtr_l_ps, ddr.twtr_s_ps, "twtr_s_ps"},
      {"tras_ps", ddr.tras_ps, ddr.trcd_ps, "trcd_ps"},
  };
  if (ddr.trefi_ps != 0)
    rules.push_back({"trefi_ps", ddr.trefi_ps, ddr.trfc_ps + around,
                     "trfc + tras + trp + trcd + tcwl + tburst + twr; 0: no refresh"});
  if (ddr.refreshes_same_bank()) {
    rules.push_back({"trfcsb_ps", ddr.trfcsb_ps, 1, "trefisb_ps is given"});
    rules.push_back({"trefisb_ps", ddr.trefisb_ps, ddr.trfcsb_ps + around,
                     "trfcsb + tras + trp + trcd + tcwl + tburst + twr; 0: no such refresh"});
  }
  for (const Least& rule : rules)
    if (rule.value < rule.least)
      return DdrProblem{rule.key,
                        fmt::format("{} is below {} ({})", rule.value, rule.least, rule.what)};
  return {};
}

}  // namespace systole::arch
