// SPDX-License-Identifier: Apache-2.0
// The check of options whose values are words.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace systole::cli {

/// Takes a word out of `words`, which --help shows; of another it says what there is and which of
/// them is near.
class OneOf : public CLI::Validator {
 public:
  explicit OneOf(const std::vector<std::string>& words);
  template <typename Meaning>
  explicit OneOf(const std::map<std::string, Meaning>& words) : OneOf(keys_of(words)) {}

 private:
  template <typename Meaning>
  static std::vector<std::string> keys_of(const std::map<std::string, Meaning>& words) {
    std::vector<std::string> keys;
    for (const auto& [word, meaning] : words) keys.push_back(word);
    return keys;
  }
};

}  // namespace systole::cli
