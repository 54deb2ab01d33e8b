// SPDX-License-Identifier: Apache-2.0
// Lines that a person types at a terminal, with history and completion where libedit is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace systole::debug {

/// Whether this build has libedit.
bool has_line_editing();

/// The words with which a line could go on at its last word.
using Complete = std::function<std::vector<std::string>(const std::string& line)>;

/// One of them at a time: libedit keeps its history for the whole process.
class LineReader {
 public:
  explicit LineReader(Complete complete);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Nothing at the end of the input.
  std::optional<std::string> read(const std::string& prompt);
};

}  // namespace systole::debug
