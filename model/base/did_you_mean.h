// SPDX-License-Identifier: Apache-2.0
// The word that somebody may have meant by one that is not known.
#pragma once

#include <string>
#include <vector>

namespace systole {

/// The nearest of `known` to `word`, or "" if none is near. Case, '-' and '_' count for nothing,
/// and of two words of which one begins with the other the rest counts for little.
std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

/// ", did you mean 'WORD'?" of the nearest word, or "".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace systole
