// SPDX-License-Identifier: Apache-2.0
// The command clock of a DRAM, and times written as in JEDEC's tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systole::arch {

/// A clock that need not be a whole number of picoseconds: that of DDR4-2400 is 833 1/3 ps.
class DramClock {
 public:
  /// MHz as a whole number or as a quotient of two, e.g. 1200 or 3200/3. Nothing if `text` is none,
  /// or outside 1..10000 MHz.
  static std::optional<DramClock> parse(std::string_view text);

  /// A sum of times: `17 nCK` is clocks, `13.75 ns` is rounded up to clocks as a controller has to,
  /// `260000 ps` is taken as it stands, `max(4 nCK, 7.5 ns)` is the longer of two. Nothing if
  /// `text` is none of these.
  std::optional<int64_t> picoseconds(std::string_view text) const;

  /// `n` clocks, rounded up to picoseconds, so that no DRAM is faster than its standard.
  int64_t clocks(int64_t n) const;
  /// The clocks that `ps` picoseconds take, as picoseconds.
  int64_t rounded_up(int64_t ps) const;
  /// The number of the first clock edge that is not before `ps`, with edge 0 at 0 ps.
  int64_t edge_from(int64_t ps) const;
  double mhz() const { return static_cast<double>(mhz_) / static_cast<double>(divisor_); }

 private:
  DramClock(int64_t mhz, int64_t divisor) : mhz_(mhz), divisor_(divisor) {}

  int64_t mhz_, divisor_;
};

/// The command clock of a preset, as ddr_preset takes it. Throws Error.
DramClock ddr_preset_clock(const std::string& name_or_path);

}  // namespace systole::arch
