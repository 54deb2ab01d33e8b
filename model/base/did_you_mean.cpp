// SPDX-License-Identifier: Apache-2.0
// Levenshtein distance over the letters that count.
#include "model/base/did_you_mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace systole {
namespace {

size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t substitute = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substitute});
    }
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

/// How far `candidate` is from `word`, which somebody may have cut short.
size_t away(const std::string& word, const std::string& candidate) {
  const std::string a = letters(word), b = letters(candidate);
  if (a == b) return 0;
  return !a.empty() && b.starts_with(a) ? 1 : distance(a, b);
}

}  // namespace

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  if (known.empty() || word.empty()) return "";
  const auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const std::string& a, const std::string& b) { return away(word, a) < away(word, b); });
  // Of short words a letter is much.
  const size_t most = std::min<size_t>(3, std::max<size_t>(word.size() / 3, 1));
  return away(word, *nearest) <= most ? *nearest : "";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
}

}  // namespace systole
