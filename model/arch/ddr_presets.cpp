// SPDX-License-Identifier: Apache-2.0
// The DRAM presets: JEDEC's figures, each with the standard and the speed bin that it comes from.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/arch/ddr.h"
#include "model/base/error.h"

namespace systole {
namespace {

constexpr int64_t kNanosecond = 1000;

// A DRAM's command clock. JEDEC gives minima in clocks or nanoseconds; a controller rounds the
// latter up to clocks, and so do the presets. Sums of clocks are rounded up to picoseconds, so no
// preset is faster than the standard allows (the clock of DDR4-2400 is 833 1/3 ps).
struct Clock {
  int64_t mhz_times_3;  ///< exact for 1066 2/3 MHz

  constexpr int64_t clocks(int64_t n) const {
    return (n * 3'000'000 + mhz_times_3 - 1) / mhz_times_3;
  }
  /// max(`n` clocks, `ps`), in whole clocks.
  constexpr int64_t at_least(int64_t n, int64_t ps) const {
    const int64_t needed = (ps * mhz_times_3 + 2'999'999) / 3'000'000;
    return clocks(std::max(n, needed));
  }
};

// JESD79-3F (DDR3 SDRAM), speed bin DDR3-2133N (14-14-14), 4 Gb x8 devices, eight of them a channel
// of 64 bits.
DdrConfig ddr3_2133() {
  constexpr Clock ck{3200};  // 1066 2/3 MHz
  DdrConfig d;
  d.preset = "ddr3-2133";
  d.channels = 1;
  d.bank_groups = 1;                                            // DDR3 has none
  d.banks = 8;                                                  // section 2.11, 4 Gb
  d.rows = 65536;                                               // 4 Gb x8: A0-A15
  d.page_bytes = 8 * 1024;                                      // 1 KB page x 8 devices
  d.access_bytes = 64;                                          // 64 bits x BL8
  d.tburst_ps = ck.clocks(4);                                   // BL8 at two beats a clock
  d.tccd_s_ps = d.tccd_l_ps = ck.clocks(4);                     // tCCD 4 nCK
  d.trcd_ps = ck.clocks(14);                                    // DDR3-2133N: tRCD 13.09 ns
  d.trp_ps = ck.clocks(14);                                     // DDR3-2133N: tRP 13.09 ns
  d.tcl_ps = ck.clocks(14);                                     // DDR3-2133N: CL 14
  d.tcwl_ps = ck.clocks(10);                                    // DDR3-2133N: CWL 10
  d.tras_ps = ck.at_least(0, 33 * kNanosecond);                 // DDR3-2133: tRAS 33 ns
  d.trrd_s_ps = d.trrd_l_ps = ck.at_least(4, 5 * kNanosecond);  // 1 KB page: max(4 nCK, 5 ns)
  d.tfaw_ps = ck.at_least(0, 25 * kNanosecond);                 // DDR3-2133, 1 KB page: 25 ns
  d.twr_ps = ck.at_least(0, 15 * kNanosecond);                  // tWR 15 ns
  d.twtr_s_ps = d.twtr_l_ps = ck.at_least(4, 7500);             // max(4 nCK, 7.5 ns)
  d.trtp_ps = ck.at_least(4, 7500);                             // max(4 nCK, 7.5 ns)
  d.turnaround_ps = ck.clocks(2);   // read to write: RL + tCCD + 2 tCK - WL
  d.trefi_ps = 7800 * kNanosecond;  // tREFI 7.8 us, up to 85 C
  d.trfc_ps = 260 * kNanosecond;    // tRFC, 4 Gb
  return d;
}

// The weight and activation memory of the first TPU: two DDR3-2133 channels, 34 GB/s (Jouppi et
// al., "In-Datacenter Performance Analysis of a Tensor Processing Unit", ISCA 2017, section 2 and
// table 2).
DdrConfig tpu_v1() {
  DdrConfig d = ddr3_2133();
  d.preset = "tpu-v1";
  d.channels = 2;
  return d;
}

// JESD79-4B (DDR4 SDRAM), 8 Gb x8 devices, eight of them a channel of 64 bits: what both speed bins
// share.
DdrConfig ddr4(const char* name, Clock ck) {
  DdrConfig d;
  d.preset = name;
  d.bank_groups = 4;  // x8: 4 groups of 4 banks
  d.banks = 4;
  d.rows = 65536;                                 // 8 Gb x8: A0-A15
  d.page_bytes = 8 * 1024;                        // 1 KB page x 8 devices
  d.access_bytes = 64;                            // 64 bits x BL8
  d.tburst_ps = ck.clocks(4);                     // BL8 at two beats a clock
  d.tccd_s_ps = ck.clocks(4);                     // tCCD_S 4 nCK
  d.tras_ps = ck.at_least(0, 32 * kNanosecond);   // DDR4-2400 and -3200: tRAS 32 ns
  d.trrd_l_ps = ck.at_least(4, 4900);             // 1 KB page: max(4 nCK, 4.9 ns)
  d.tfaw_ps = ck.at_least(20, 21 * kNanosecond);  // 1 KB page: max(20 nCK, 21 ns)
  d.twr_ps = ck.at_least(0, 15 * kNanosecond);    // tWR 15 ns
  d.twtr_s_ps = ck.at_least(2, 2500);             // max(2 nCK, 2.5 ns)
  d.twtr_l_ps = ck.at_least(4, 7500);             // max(4 nCK, 7.5 ns)
  d.trtp_ps = ck.at_least(4, 7500);               // max(4 nCK, 7.5 ns)
  d.turnaround_ps = ck.clocks(2);                 // read to write: RL + BL/2 + 1 tCK + tWPRE - WL
  d.trefi_ps = 7800 * kNanosecond;                // tREFI 7.8 us, up to 85 C
  d.trfc_ps = 350 * kNanosecond;                  // tRFC1, 8 Gb
  return d;
}

DdrConfig ddr4_2400() {
  constexpr Clock ck{3600};
  DdrConfig d = ddr4("ddr4-2400", ck);
  d.tccd_l_ps = ck.at_least(5, 5 * kNanosecond);  // DDR4-2400: max(5 nCK, 5 ns)
  d.trcd_ps = ck.clocks(17);                      // DDR4-2400T: 17-17-17
  d.trp_ps = ck.clocks(17);
  d.tcl_ps = ck.clocks(17);
  d.tcwl_ps = ck.clocks(12);           // DDR4-2400, 1 tCK write preamble: CWL 12
  d.trrd_s_ps = ck.at_least(4, 3300);  // DDR4-2400, 1 KB page: max(4 nCK, 3.3 ns)
  return d;
}

DdrConfig ddr4_3200() {
  constexpr Clock ck{4800};
  DdrConfig d = ddr4("ddr4-3200", ck);
  d.tccd_l_ps = ck.at_least(5, 5 * kNanosecond);  // DDR4-3200: max(5 nCK, 5 ns)
  d.trcd_ps = ck.clocks(22);                      // DDR4-3200AA: 22-22-22
  d.trp_ps = ck.clocks(22);
  d.tcl_ps = ck.clocks(22);
  d.tcwl_ps = ck.clocks(16);           // DDR4-3200, 1 tCK write preamble: CWL 16
  d.trrd_s_ps = ck.at_least(4, 2500);  // DDR4-3200, 1 KB page: max(4 nCK, 2.5 ns)
  return d;
}

// JESD209-4B (LPDDR4), 3200 MT/s, a package of two x16 channels of 8 Gb each, BL16, write latency
// set A, no DBI.
DdrConfig lpddr4_3200() {
  constexpr Clock ck{4800};
  DdrConfig d;
  d.preset = "lpddr4-3200";
  d.channels = 2;
  d.bank_groups = 1;  // LPDDR4 has none
  d.banks = 8;
  d.rows = 65536;  // 8 Gb a channel
  d.page_bytes = 2048;
  d.access_bytes = 32;                                           // 16 bits x BL16
  d.tburst_ps = ck.clocks(8);                                    // BL16 at two beats a clock
  d.tccd_s_ps = d.tccd_l_ps = ck.clocks(8);                      // tCCD 8 nCK for BL16
  d.trcd_ps = ck.at_least(4, 18 * kNanosecond);                  // max(18 ns, 4 nCK)
  d.trp_ps = ck.at_least(4, 18 * kNanosecond);                   // tRPpb: max(18 ns, 4 nCK)
  d.tcl_ps = ck.clocks(28) + ck.at_least(0, 3500);               // RL 28 and tDQSCK 3.5 ns
  d.tcwl_ps = ck.clocks(14 + 1);                                 // WL 14 and tDQSS 1 nCK
  d.tras_ps = ck.at_least(3, 42 * kNanosecond);                  // max(42 ns, 3 nCK)
  d.trrd_s_ps = d.trrd_l_ps = ck.at_least(4, 10 * kNanosecond);  // max(10 ns, 4 nCK)
  d.tfaw_ps = ck.at_least(0, 40 * kNanosecond);                  // tFAW 40 ns
  d.twr_ps = ck.at_least(6, 18 * kNanosecond);                   // max(18 ns, 6 nCK)
  d.twtr_s_ps = d.twtr_l_ps = ck.at_least(8, 10 * kNanosecond);  // max(10 ns, 8 nCK)
  d.trtp_ps = ck.at_least(8, 7500);  // BL/2 + max(8 nCK, 7.5 ns) - 8 nCK
  // Read to write: RL + RU(tDQSCK/tCK) + BL/2 - WL + tWPRE = 30 nCK, of which 27 are in the times
  // above.
  d.turnaround_ps = ck.clocks(3);
  d.trefi_ps = 3904 * kNanosecond;  // tREFIab 3.904 us
  d.trfc_ps = 280 * kNanosecond;    // tRFCab, 8 Gb a channel
  return d;
}

// JESD209-5B (LPDDR5), 6400 MT/s, bank-group mode, CK 800 MHz, WCK:CK 4:1, BL16, two x16 channels
// of 8 Gb each, latency set 0 / write set A, no link ECC.
DdrConfig lpddr5_6400() {
  constexpr Clock ck{2400};
  DdrConfig d;
  d.preset = "lpddr5-6400";
  d.channels = 2;
  d.bank_groups = 4;
  d.banks = 4;
  d.rows = 32768;  // 8 Gb a channel
  d.page_bytes = 2048;
  d.access_bytes = 32;                                          // 16 bits x BL16
  d.tburst_ps = ck.clocks(2);                                   // BL16 at eight beats a CK
  d.tccd_s_ps = ck.clocks(2);                                   // BL/n_min 2 nCK
  d.tccd_l_ps = ck.clocks(4);                                   // BL/n_max 4 nCK
  d.trcd_ps = ck.at_least(2, 18 * kNanosecond);                 // max(18 ns, 2 nCK)
  d.trp_ps = ck.at_least(2, 18 * kNanosecond);                  // tRPpb: max(18 ns, 2 nCK)
  d.tcl_ps = ck.clocks(17) + 1600;                              // RL 17 and tWCK2DQO 1.6 ns
  d.tcwl_ps = ck.clocks(9);                                     // WL 9
  d.tras_ps = ck.at_least(3, 42 * kNanosecond);                 // max(42 ns, 3 nCK)
  d.trrd_s_ps = d.trrd_l_ps = ck.at_least(2, 5 * kNanosecond);  // max(5 ns, 2 nCK)
  d.tfaw_ps = ck.at_least(0, 20 * kNanosecond);                 // bank-group mode: 20 ns
  d.twr_ps = ck.at_least(3, 34 * kNanosecond);                  // max(34 ns, 3 nCK)
  d.twtr_s_ps = ck.at_least(4, 6250);                           // max(6.25 ns, 4 nCK)
  d.twtr_l_ps = ck.at_least(4, 12 * kNanosecond);               // max(12 ns, 4 nCK)
  d.trtp_ps = ck.at_least(2, 7500);  // BL/n_min + max(7.5 ns, 2 nCK) - 2 nCK
  // Read to write: RL + BL/n_max + RU(tWCK2DQO/tCK) - WL = 14 nCK, of which 14.1 ns are in the
  // times above.
  d.turnaround_ps = ck.clocks(14) - (d.tcl_ps + d.tburst_ps - d.tcwl_ps);
  d.trefi_ps = 3906 * kNanosecond;  // tREFI 3.906 us
  d.trfc_ps = 210 * kNanosecond;    // tRFCab, 8 Gb a channel
  return d;
}

// JESD235C (HBM2), 2 Gb/s a pin, one stack of 4 dies of 8 Gb: 8 channels of 128 bits, each two
// pseudo channels of 64 bits, BL4. The standard leaves the array timings to the vendor: those
// marked * are the ones that gem5 (HBM_2000_4H_1x64) and DRAMSys (HBM2.json) use. The read tRCD
// stands for both.
DdrConfig hbm2() {
  constexpr Clock ck{3000};
  DdrConfig d;
  d.preset = "hbm2";
  d.mapping =
      "RoBaCoChBg";  // 128 bytes of a channel lie together: a burst opens rows in few channels
  d.channels = 16;   // pseudo channels
  d.bank_groups = 4;
  d.banks = 4;
  d.rows = 16384;                                // 8 Gb die: 256 MiB a pseudo channel
  d.page_bytes = 1024;                           // pseudo channel mode
  d.access_bytes = 32;                           // 64 bits x BL4
  d.tburst_ps = ck.clocks(2);                    // BL4 at two beats a clock
  d.tccd_s_ps = ck.clocks(2);                    // BL/2
  d.tccd_l_ps = ck.clocks(3);                    // *
  d.trcd_ps = ck.clocks(12);                     // * tRCDRD
  d.trp_ps = ck.clocks(14);                      // *
  d.tcl_ps = ck.clocks(18);                      // * RL 17 and tDQSCK 1
  d.tcwl_ps = ck.clocks(7);                      // *
  d.tras_ps = ck.clocks(28);                     // *
  d.trrd_s_ps = ck.clocks(4);                    // *
  d.trrd_l_ps = ck.clocks(6);                    // *
  d.tfaw_ps = ck.clocks(16);                     // *
  d.twr_ps = ck.clocks(14);                      // *
  d.twtr_s_ps = ck.clocks(4);                    // *
  d.twtr_l_ps = ck.clocks(9);                    // *
  d.trtp_ps = ck.clocks(5);                      // *
  d.turnaround_ps = ck.clocks(18 + 7 - 18 - 2);  // * tRTW 18 nCK from read to write command
  d.trefi_ps = 3900 * kNanosecond;               // tREFI 3.9 us
  d.trfc_ps = ck.clocks(220);                    // * tRFC
  return d;
}

const std::vector<DdrConfig>& presets() {
  static const std::vector<DdrConfig> all = {ddr3_2133(),   ddr4_2400(), ddr4_3200(), lpddr4_3200(),
                                             lpddr5_6400(), hbm2(),      tpu_v1()};
  return all;
}

}  // namespace

std::vector<std::string> ddr_preset_names() {
  std::vector<std::string> names;
  for (const DdrConfig& preset : presets()) names.push_back(preset.preset);
  return names;
}

DdrConfig ddr_preset(std::string_view name) {
  for (const DdrConfig& preset : presets())
    if (preset.preset == name) return preset;
  throw Error(fmt::format("memory.preset: '{}' is unknown, expected one of {}", name,
                          fmt::join(ddr_preset_names(), ", ")));
}

}  // namespace systole
