// SPDX-License-Identifier: Apache-2.0
// Programs of single instructions and tables of energies in files, for the tests of energy.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "model/base/error.h"
#include "model/isa/any_instruction.h"
#include "model/program/program.h"
#include "sim/energy/table.h"

namespace systole {

inline isa::Words tagged(uint16_t tag, const isa::AnyInstruction& fields) {
  return encode(fields, {.tag = tag});
}

inline std::string stock_table_text() {
  std::ifstream file(std::filesystem::path(SYSTOLE_SOURCE_DIR) /
                     "configs/energy/horowitz-45nm.yaml");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The stock table with `from` replaced by `to`, as a file for the life of the object.
class ChangedTable {
 public:
  ChangedTable(const std::string& from, const std::string& to) {
    std::string text = stock_table_text();
    const size_t at = text.find(from);
    if (at == std::string::npos) throw Error("the table does not have: " + from);
    text.replace(at, from.size(), to);
    line_ =
        1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
    std::ofstream(path_) << text;
  }
  ~ChangedTable() { std::filesystem::remove(path_); }
  ChangedTable(const ChangedTable&) = delete;
  ChangedTable& operator=(const ChangedTable&) = delete;

  energy::EnergyTable load() const { return energy::load_energy_table(path_); }
  /// "file: " and "file:line: ", the line being that of the change.
  std::string file() const { return path_ + ": "; }
  std::string line() const { return path_ + ":" + std::to_string(line_) + ": "; }

 private:
  const std::string path_ = (std::filesystem::temp_directory_path() /
                             ("systole-energy-" + std::to_string(getpid()) + ".yaml"))
                                .string();
  int line_ = 0;
};

/// 3x3 on 3x3 with padding, 6 channels (on four rows groups of 4 and 2) to 3: weights and product.
inline isa::LoadWeights conv_weights() {
  isa::LoadWeights op;
  op.positions = 9;
  op.channels = 6;
  op.cols = 3;
  return op;
}
inline isa::Matmul conv_matmul() {
  isa::Matmul op;
  op.h0 = op.w0 = -1;
  op.height = op.width = op.oh = op.ow = op.kh = op.kw = 3;
  op.channels = 6;
  return op;
}

}  // namespace systole
