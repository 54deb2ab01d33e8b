// SPDX-License-Identifier: Apache-2.0
// A DRAM with banks and rows: its shape, its timing parameters, its presets, its address mapping.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace systole {

/// The fields that an address is cut into, apart from the bytes of one access.
enum class DdrField { kRow, kBank, kGroup, kColumn, kChannel };
inline constexpr int kDdrFields = 5;

/// Fields from the highest address bits to the lowest. As text: two letters each, e.g. RoBaCoBgCh.
using DdrMapping = std::array<DdrField, kDdrFields>;

/// The mapping that `text` names, which must name every field once. Throws Error that starts with
/// "memory.mapping: ".
DdrMapping parse_ddr_mapping(std::string_view text);

/// A DRAM of independent channels, each of bank groups of banks of rows. Counts are powers of two.
/// Times are in picoseconds; they are JEDEC's parameters of the same names (docs/memory.md says
/// what each is between).
struct DdrConfig {
  std::string preset;
  std::string mapping = "RoBaCoBgCh";
  int64_t channels = 1;
  int64_t bank_groups = 1;    ///< in a channel
  int64_t banks = 8;          ///< in a bank group
  int64_t rows = 65536;       ///< in a bank
  int64_t page_bytes = 8192;  ///< of a row, over all devices of a channel
  int64_t access_bytes = 64;  ///< moved by one column command: channel width * burst length
  int64_t tburst_ps = 0;      ///< of the data bus, for one access
  int64_t tccd_s_ps = 0;
  int64_t tccd_l_ps = 0;
  int64_t trcd_ps = 0;
  int64_t trp_ps = 0;
  int64_t tcl_ps = 0;
  int64_t tcwl_ps = 0;
  int64_t tras_ps = 0;
  int64_t trrd_s_ps = 0;
  int64_t trrd_l_ps = 0;
  int64_t tfaw_ps = 0;
  int64_t twr_ps = 0;
  int64_t twtr_s_ps = 0;
  int64_t twtr_l_ps = 0;
  int64_t trtp_ps = 0;
  int64_t turnaround_ps = 0;  ///< idle time of the data bus between a read's data and a write's
  int64_t trefi_ps = 0;       ///< 0: no refresh
  int64_t trfc_ps = 0;
  int64_t controller_ps = 20000;  ///< from the AXI bus to the first DRAM command
  int64_t write_bursts = 8;       ///< AXI bursts that the write buffer holds

  bool operator==(const DdrConfig&) const = default;

  int64_t bytes() const { return channels * bank_groups * banks * rows * page_bytes; }
  /// All data busses busy.
  double peak_bytes_per_ns() const {
    return 1e3 * static_cast<double>(channels * access_bytes) / static_cast<double>(tburst_ps);
  }
};

/// One whole-number key of a DdrConfig ("memory." before it in YAML).
struct DdrKey {
  const char* key;
  int64_t DdrConfig::*member;
  int64_t min;
  int64_t max;
  bool pow2;
};
const std::vector<DdrKey>& ddr_keys();

/// Names of the presets, in the order of the documentation.
std::vector<std::string> ddr_preset_names();
/// Throws Error that names the presets there are, and starts with "memory.preset: ".
DdrConfig ddr_preset(std::string_view name);

/// Empty if the values fit together, else "memory.KEY: problem, what is expected".
std::string check_ddr(const DdrConfig& ddr);

}  // namespace systole
