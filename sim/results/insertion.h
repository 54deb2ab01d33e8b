// SPDX-License-Identifier: Apache-2.0
// Rows of a table from values by name, cycles by cause among them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/sqlite.h"

namespace systole::results {

/// "mxu_busy" of the column mxu_busy_cycles; "" of a column that is no cause's.
std::string cause_of_column(const std::string& column);

/// The column of causes that have none.
inline constexpr const char* kOtherCycles = "other_cycles";

class Insertion {
 public:
  Insertion(Connection& connection, const std::string& table);

  /// A column gets the value of its name, `UNIT_CAUSE_cycles` that of UNIT_CAUSE among `causes`
  /// (0 where there is none), others nothing. Causes without a column are kept in `other_cycles`.
  void insert(const nlohmann::json& values, const nlohmann::json& causes);

 private:
  struct Column {
    std::string name, cause;  ///< cause: "" of other columns
  };
  static std::vector<Column> columns_of(Connection& connection, const std::string& table);
  static std::string text_of(const std::string& table, const std::vector<Column>& columns);
  void bind(int at, const nlohmann::json& value);

  const std::vector<Column> columns_;
  Statement statement_;
};

}  // namespace systole::results
