// SPDX-License-Identifier: Apache-2.0
// The word that somebody may have meant by one that is not known.
#pragma once

#include <string>
#include <vector>

namespace systole {

/// The nearest of `known` to `word`, or "" if none is near. Case, '-' and '_' count for nothing,
/// two letters exchanged for one, and where `word` begins the other, or is a part of it and four
/// letters at least, the rest counts for little.
std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

/// ", did you mean 'WORD'?" of the nearest word, or "".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

/// "expected one of A, B, C, did you mean 'B'?"; of many words the first ones are told, and how
/// many more there are.
std::string expected_one_of(const std::string& word, const std::vector<std::string>& known);

}  // namespace systole
