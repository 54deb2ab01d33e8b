// SPDX-License-Identifier: Apache-2.0
// A table as text, of all its columns or of those that fit a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace systole::report {

struct Column {
  enum class Side { kLeft, kRight };
  std::string title;
  Side side = Side::kLeft;
  size_t width = 0;  ///< at least
  int rank = 0;      ///< of columns that do not fit the highest goes first; 0: it stays
  size_t gap = 1;    ///< blanks before it
  size_t cut = 0;    ///< it may be cut to so many columns of a terminal; 0: it is shown whole
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// A cell for each column; printable (format.h).
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line of titles, then a line a row, each at most `width` columns of a terminal wide if ranks
  /// and cuts allow it, and a line that tells which titles were left out. 0: all of it.
  std::string text(size_t width = 0) const;
  /// Without rows: the line of the first cells of one, as `text` would have it, where rows come one
  /// by one.
  std::string row(const std::vector<std::string>& cells, size_t width) const {
    return line(cells, fitted(width));
  }

 private:
  using Shown = std::vector<size_t>;  ///< widths, 0 for what is left out
  Shown fitted(size_t width) const;
  std::string line(const std::vector<std::string>& cells, const Shown& shown) const;

  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace systole::report
