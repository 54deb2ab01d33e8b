// SPDX-License-Identifier: Apache-2.0
// Looks the word up.
#include "sim/cli/one_of.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/base/did_you_mean.h"

namespace systole::cli {

OneOf::OneOf(const std::vector<std::string>& words)
    : CLI::Validator(fmt::format("{{{}}}", fmt::join(words, ","))) {
  func_ = [words](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    return fmt::format("unknown value '{}', {}", word, expected_one_of(word, words));
  };
}

}  // namespace systole::cli
