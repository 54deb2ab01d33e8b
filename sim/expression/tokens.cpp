// SPDX-License-Identifier: Apache-2.0
// Cuts text into words.
#include "sim/expression/tokens.h"

#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "sim/expression/expression.h"

namespace systole::expression {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_in_name(char c) { return begins_name(c) || is_digit(c) || c == '.'; }

/// Where the number that begins at `at` ends: digits, a fraction, an exponent.
size_t end_of_number(const std::string& text, size_t at) {
  while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
  if (at >= text.size() || (text[at] != 'e' && text[at] != 'E')) return at;
  const size_t sign = at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+') ? 1 : 0;
  if (at + 1 + sign >= text.size() || !is_digit(text[at + 1 + sign])) return at;
  for (at += 1 + sign; at < text.size() && is_digit(text[at]);) ++at;
  return at;
}

size_t length_of_sign(const std::string& text, size_t at) {
  for (const std::string_view sign : {"<=", ">=", "==", "!="})
    if (text.compare(at, sign.size(), sign) == 0) return sign.size();
  return std::string_view("+-*/(),<>").find(text[at]) == std::string_view::npos ? 0 : 1;
}

}  // namespace

std::string Token::shown() const {
  return kind == TokenKind::kEnd ? "the end" : fmt::format("'{}'", text);
}

std::vector<Token> split(const std::string& text) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    TokenKind kind = TokenKind::kSign;
    if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      ++at;
      continue;
    }
    if (is_digit(text[at])) {
      kind = TokenKind::kNumber;
      at = end_of_number(text, at);
    } else if (begins_name(text[at])) {
      kind = TokenKind::kName;
      while (at < text.size() && is_in_name(text[at])) ++at;
    } else {
      at += length_of_sign(text, at);
      if (at == start)
        throw SyntaxError(start, fmt::format("'{}'", text[at]), "a number, a key or an operator");
    }
    tokens.push_back({kind, text.substr(start, at - start), start});
  }
  tokens.push_back({TokenKind::kEnd, "", text.size()});
  return tokens;
}

}  // namespace systole::expression
