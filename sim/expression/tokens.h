// SPDX-License-Identifier: Apache-2.0
// The words of an expression.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace systole::expression {

enum class TokenKind { kNumber, kName, kSign, kEnd };

/// `text`: "and", "or", "not" and keys are names; signs are + - * / ( ) , < <= > >= == !=.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  size_t offset = 0;  ///< of its first character

  bool is(const char* word) const { return kind != TokenKind::kNumber && text == word; }
  /// As messages call it.
  std::string shown() const;
};

/// The last one is kEnd. Throws SyntaxError for a character that begins no word.
std::vector<Token> split(const std::string& text);

}  // namespace systole::expression
