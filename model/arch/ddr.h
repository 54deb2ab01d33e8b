// SPDX-License-Identifier: Apache-2.0
// A DRAM with banks and rows: its shape, its timing parameters, its energies, its presets, its
// address mapping.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/arch/figure_reader.h"

namespace systole::arch {

/// The fields that an address is cut into, apart from the bytes of one access.
enum class DdrField { kRow, kBank, kGroup, kColumn, kChannel };
inline constexpr int kDdrFields = 5;

/// Fields from the highest address bits to the lowest. As text: two letters each, e.g. RoBaCoBgCh.
using DdrMapping = std::array<DdrField, kDdrFields>;

/// The mapping that `text` names, which must name every field once. Throws Error.
DdrMapping parse_ddr_mapping(std::string_view text);

/// pJ a byte, pJ a row activation over all devices of a channel (0 for a memory without rows).
struct DramEnergy {
  EnergyEntry read_byte, write_byte, activation;
  bool operator==(const DramEnergy&) const = default;
};

/// A DRAM of independent channels, each of bank groups of banks of rows. Counts are powers of two.
/// Times are in picoseconds; they are JEDEC's parameters of the same names (docs/memory.md says
/// what each is between).
struct DdrConfig {
  std::string preset;  ///< as ddr_preset takes it: a name, or the path of a file
  std::string name;    ///< of the preset, in reports
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
  int64_t tccd_l_wr_ps = 0;  ///< from write to write; 0: tccd_l_ps
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
  int64_t trefi_ps = 0;       ///< 0: no refresh of all banks
  int64_t trfc_ps = 0;
  int64_t trefisb_ps = 0;  ///< of one bank in each group at a time; 0: all banks, every trefi_ps
  int64_t trfcsb_ps = 0;
  int64_t trefsbrd_ps = 0;
  int64_t controller_ps = 20000;  ///< from the AXI bus to the first DRAM command
  int64_t write_bursts = 8;       ///< AXI bursts that the write buffer holds
  DramEnergy energy;

  bool operator==(const DdrConfig&) const = default;

  int64_t write_to_write_ps() const { return tccd_l_wr_ps == 0 ? tccd_l_ps : tccd_l_wr_ps; }
  bool refreshes_same_bank() const { return trefisb_ps != 0; }
  int64_t bytes() const { return channels * bank_groups * banks * rows * page_bytes; }
  /// All data busses busy.
  double peak_bytes_per_ns() const {
    return 1e3 * static_cast<double>(channels * access_bytes) / static_cast<double>(tburst_ps);
  }
};

/// Who states a key: a preset, as what the DRAM is made of or how fast it is; or architectures
/// alone.
enum class DdrSection { kOrganisation, kTiming, kController };

/// One whole-number key of a DdrConfig ("memory." before it in an architecture).
struct DdrKey {
  const char* key;
  int64_t DdrConfig::*member;
  int64_t min;
  int64_t max;
  DdrSection section;
  bool optional = false;  ///< in a preset

  bool pow2() const { return section == DdrSection::kOrganisation; }
};
const std::vector<DdrKey>& ddr_keys();

/// Names of the presets, sorted: files of `memory` in the configuration directories.
std::vector<std::string> ddr_preset_names();
/// The file of a preset. Throws Error "unknown memory ..." that lists the names.
std::filesystem::path find_ddr_preset(const std::string& name_or_path);
/// Reads a preset by name or by path (docs/memory.md). Throws Error with file, line, key and legal
/// range.
DdrConfig ddr_preset(const std::string& name_or_path);
/// Its line for lists.
std::string ddr_preset_description(const std::string& name_or_path);

/// What does not fit together.
struct DdrProblem {
  std::string key;   ///< of ddr_keys
  std::string text;  ///< the problem, and what is expected
};
std::optional<DdrProblem> check_ddr(const DdrConfig& ddr);

}  // namespace systole::arch
