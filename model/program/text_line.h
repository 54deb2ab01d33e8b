// SPDX-License-Identifier: Apache-2.0
// One line of assembler text: its words, numbers and errors.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/isa/isa.h"

namespace systole::program {

/// Splits a line into words; '#' starts a comment.
class TextLine {
 public:
  TextLine(std::string_view text, const std::string& file, int number)
      : text_(text), file_(file), number_(number) {}

  /// Whatever the text holds, the message is one line of moderate length.
  [[noreturn]] void fail(std::string reason) const {
    constexpr size_t kLongest = 160;
    if (reason.size() > kLongest) reason.replace(kLongest, std::string::npos, "...");
    for (char& c : reason)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    throw Error(fmt::format("{}:{}: {}", file_, number_, reason));
  }
  /// The next word; empty at the end of the line.
  std::string_view word() {
    skip_blanks();
    size_t end = 0;
    while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '#') ++end;
    const std::string_view found = text_.substr(0, end);
    text_.remove_prefix(end);
    return found;
  }
  std::string_view required_word(const std::string& what) {
    const std::string_view found = word();
    if (found.empty()) fail("expected " + what);
    return found;
  }
  /// The rest of the line as JSON: a text in quotes or an object. No comment may follow.
  nlohmann::json json() {
    skip_blanks();
    try {
      nlohmann::json value = nlohmann::json::parse(text_.begin(), text_.end());
      text_ = {};
      return value;
    } catch (const nlohmann::json::exception&) {
      fail(fmt::format("expected JSON, found '{}'", text_));
    }
  }
  void expect_end() {
    const std::string_view rest = word();
    if (!rest.empty()) fail(fmt::format("unexpected '{}'", rest));
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front())) text_.remove_prefix(1);
    if (!text_.empty() && text_.front() == '#') text_ = {};
  }

  std::string_view text_;
  const std::string& file_;
  int number_;
};

/// Decimal, or hexadecimal after 0x; nothing if it is no number or leaves int64.
std::optional<int64_t> parse_integer(std::string_view text);

/// The number that `text` is. An error names it "name=text" and tells the range.
int64_t integer_in(const TextLine& line, std::string_view name, std::string_view text, int64_t min,
                   int64_t max);

/// An instruction: its mnemonic, already read, and the fields that follow.
isa::Words parse_instruction(TextLine& line, std::string_view mnemonic);
/// The 16 words after .word.
isa::Words parse_words(TextLine& line);

/// Calls parse(line, first word) for every line that is not blank.
template <typename Parse>
void for_each_line(std::string_view text, const std::string& file, const Parse& parse) {
  int number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    TextLine line(text.substr(0, end), file, ++number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view first = line.word();
    if (first.empty()) continue;
    try {
      parse(line, first);
    } catch (const Error& error) {
      // Errors of the JSON readers do not know the line yet.
      if (std::string_view(error.what()).starts_with(file + ":")) throw;
      line.fail(fmt::format("{}: {}", first, error.what()));
    }
  }
}

}  // namespace systole::program
