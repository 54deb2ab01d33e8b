// SPDX-License-Identifier: Apache-2.0
// A CSV file with a header, as fields that know their line and column.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace systole::topology {

/// Fields are trimmed; a comma at the end of a line ends it and starts no field; lines without a
/// filled field are skipped, and so is a byte order mark. Where the header has tabs and no comma,
/// tabs separate. Quotes have no meaning, as in SCALE-Sim.
class CsvTable {
 public:
  /// Reads `file`; throws Error if it cannot be read or has no header.
  explicit CsvTable(const std::filesystem::path& file);

  struct Row {
    int line;
    std::vector<std::string> fields;
  };
  const std::vector<std::string>& header() const { return header_; }
  const std::vector<Row>& rows() const { return rows_; }

  /// "FILE:LINE, column N", of the header.
  std::string header_place(size_t column) const;
  /// "FILE:LINE, column N (NAME)".
  std::string place(int line, size_t column) const;
  /// The field as a whole number in [min, max]; throws Error with its place.
  int64_t integer(const Row& row, size_t column, int64_t min, int64_t max) const;

 private:
  std::string file_;
  std::vector<std::string> header_;
  int header_line_ = 0;
  std::vector<Row> rows_;
};

}  // namespace systole::topology
