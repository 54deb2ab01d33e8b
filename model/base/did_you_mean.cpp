// SPDX-License-Identifier: Apache-2.0
// Distance over the letters that count: letters added, left out, replaced, or two exchanged.
#include "model/base/did_you_mean.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <numeric>
#include <utility>

namespace systole {
namespace {

size_t distance(const std::string& a, const std::string& b) {
  // The row of the letter before, and of the one before that, at each length of `b`.
  std::vector<size_t> row(b.size() + 1), before, next = row;
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    next[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      next[j + 1] = std::min({row[j + 1] + 1, next[j] + 1, row[j] + (a[i] == b[j] ? 0 : 1)});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
        next[j + 1] = std::min(next[j + 1], before[j - 1] + 1);
    }
    before = std::exchange(row, next);
  }
  return row[b.size()];
}

std::string letters(const std::string& word) {
  std::string result;
  for (const char c : word)
    if (c != '-' && c != '_')
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

constexpr size_t kMistake = 2;  ///< of a letter; half of it tells words apart that are as near

/// How far `candidate` is from `word`, which somebody may have cut short.
size_t away(const std::string& word, const std::string& candidate) {
  constexpr size_t kTelling = 4;  // letters that hardly stand in a name by chance
  const std::string a = letters(word), b = letters(candidate);
  if (a == b) return 0;
  if (!a.empty() && b.starts_with(a)) return kMistake;
  const bool is_part = a.size() >= kTelling && b.find(a) != std::string::npos;
  return std::min(kMistake * distance(a, b), is_part ? kMistake + 1 : SIZE_MAX);
}

}  // namespace

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  if (known.empty() || word.size() < 2) return "";
  const auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const std::string& a, const std::string& b) { return away(word, a) < away(word, b); });
  // Of short words a letter is much.
  const size_t most = std::min<size_t>(3, std::max<size_t>(word.size() / 3, 1));
  return away(word, *nearest) <= kMistake * most + 1 ? *nearest : "";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
}

std::string expected_one_of(const std::string& word, const std::vector<std::string>& known) {
  constexpr size_t kMost = 16;
  const std::vector<std::string> shown(
      known.begin(), known.begin() + static_cast<ptrdiff_t>(std::min(kMost, known.size())));
  return fmt::format("expected one of {}{}{}", fmt::join(shown, ", "),
                     shown.size() < known.size()
                         ? fmt::format(" and {} more", known.size() - shown.size())
                         : std::string(),
                     did_you_mean(word, known));
}

}  // namespace systole
