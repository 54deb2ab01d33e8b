// SPDX-License-Identifier: Apache-2.0
// Energies and areas that differ from those of a table: each of its figures may be scaled.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "sim/energy/table.h"

namespace systole::energy {

/// A factor on all figures whose key is `key`, or begins with it: "energy.mac" is of all widths.
struct Scale {
  std::string key;
  double factor = 1;
};

/// Of "KEY=FACTOR": KEY is that of a table's file, "energy." and what follows "sram" may be left
/// out. Throws Error: no such figure, a factor that is not above 0.
Scale parse_scale(const std::string& text);

/// A table, and factors on the energies of memories with rows, which stand in no table.
struct Prices {
  EnergyTable table;
  double rows_read = 1, rows_write = 1, rows_activation = 1;

  void apply(const Scale& scale);
  /// `own`: of a memory with rows.
  arch::DramEnergy rows(const arch::DramEnergy& own) const;
};

/// Multiplies each figure of `table`, one after the other, by what `factor` says of it.
void vary(EnergyTable& table, const std::function<double(bool extrapolated)>& factor);

/// A figure of a table, with its key in the table's file.
struct ListedPrice {
  std::string key;
  double value = 0;
  std::string unit;
  bool extrapolated = false;
};
std::vector<ListedPrice> list_prices(const EnergyTable& table);

}  // namespace systole::energy
