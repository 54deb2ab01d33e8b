// SPDX-License-Identifier: Apache-2.0
// Widens columns to their cells, cuts what may be cut, leaves out the least important.
#include "sim/report/columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "sim/report/format.h"

namespace systole::report {

Table::Shown Table::fitted(size_t width) const {
  Shown shown;
  for (size_t c = 0; c < columns_.size(); ++c) {
    size_t widest = std::max(columns_[c].width, columns_in(columns_[c].title));
    for (const auto& row : rows_) widest = std::max(widest, columns_in(row[c]));
    shown.push_back(widest);
  }
  const auto total = [&] {
    size_t sum = 0;
    for (size_t c = 0; c < shown.size(); ++c)
      if (shown[c] > 0) sum += shown[c] + (sum > 0 ? columns_[c].gap : 0);
    return sum;
  };
  while (width > 0 && total() > width) {
    size_t least = shown.size();
    for (size_t c = 0; c < shown.size(); ++c) {
      if (shown[c] == 0) continue;
      const size_t spare = columns_[c].cut > 0 ? shown[c] - std::min(shown[c], columns_[c].cut) : 0;
      if (spare > 0 && total() - spare <= width) {
        shown[c] -= total() - width;
        return shown;
      }
      const bool goes = columns_[c].rank > 0;
      if (goes && (least == shown.size() || columns_[c].rank > columns_[least].rank)) least = c;
    }
    if (least == shown.size()) {  // nothing may go any more: all that may be cut is
      for (size_t c = 0; c < shown.size() && total() > width; ++c)
        if (shown[c] > columns_[c].cut && columns_[c].cut > 0)
          shown[c] -= std::min(shown[c] - columns_[c].cut, total() - width);
      break;
    }
    shown[least] = 0;
  }
  return shown;
}

std::string Table::line(const std::vector<std::string>& cells, const Shown& shown) const {
  std::string text;
  for (size_t c = 0; c < cells.size(); ++c) {
    if (shown[c] == 0) continue;
    const std::string cell = columns_[c].cut > 0 ? fit(cells[c], shown[c]) : cells[c];
    const bool last = std::all_of(shown.begin() + static_cast<ptrdiff_t>(c) + 1, shown.end(),
                                  [](size_t other) { return other == 0; });
    const bool right = columns_[c].side == Column::Side::kRight;
    if (last && right && cell.empty()) continue;
    if (!text.empty()) text.append(columns_[c].gap, ' ');
    if (right)
      text += fmt::format("{:>{}}", cell, shown[c]);
    else
      text += last ? cell : fmt::format("{:<{}}", cell, shown[c]);
  }
  return text + "\n";
}

std::string Table::text(size_t width) const {
  const Shown shown = fitted(width);
  std::vector<std::string> titles, left_out;
  for (size_t c = 0; c < columns_.size(); ++c) {
    titles.push_back(columns_[c].title);
    if (shown[c] == 0) left_out.push_back(columns_[c].title);
  }
  std::string text = line(titles, shown);
  for (const auto& row : rows_) text += line(row, shown);
  if (!left_out.empty())
    text += fmt::format("(not shown: {}; --wide shows all)\n", fmt::join(left_out, ", "));
  return text;
}

}  // namespace systole::report
