// SPDX-License-Identifier: Apache-2.0
// libedit by its interface of readline; without it, plain lines.
#include "sim/debug/line_reader.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#ifdef SYSTOLE_HAS_LIBEDIT
#include <editline/readline.h>
#endif

namespace systole::debug {

#ifdef SYSTOLE_HAS_LIBEDIT
namespace {

// libedit's completion takes plain functions, with nothing to hang a context on.
Complete completer;              // NOLINT
std::vector<std::string> found;  // NOLINT

char* next_word(const char*, int state) {
  const auto index = static_cast<size_t>(state);
  return index < found.size() ? strdup(found[index].c_str()) : nullptr;
}

char** complete_line(const char* text, int, int end) {
  rl_attempted_completion_over = 1;  // no names of files
  found = completer(std::string(rl_line_buffer, static_cast<size_t>(end)));
  return found.empty() ? nullptr : rl_completion_matches(text, next_word);
}

}  // namespace

bool has_line_editing() { return true; }

LineReader::LineReader(Complete complete) {
  completer = std::move(complete);
  rl_readline_name = "systole";
  rl_attempted_completion_function = complete_line;
  using_history();
}

LineReader::~LineReader() { completer = {}; }

std::optional<std::string> LineReader::read(const std::string& prompt) {
  char* line = readline(prompt.c_str());
  if (line == nullptr) return std::nullopt;
  std::string text = line;
  std::free(line);  // NOLINT: libedit takes it from malloc
  if (text.find_first_not_of(' ') != std::string::npos) add_history(text.c_str());
  return text;
}
#else
bool has_line_editing() { return false; }

LineReader::LineReader(Complete) {}

LineReader::~LineReader() = default;

std::optional<std::string> LineReader::read(const std::string& prompt) {
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}
#endif

}  // namespace systole::debug
