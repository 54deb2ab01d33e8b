// SPDX-License-Identifier: Apache-2.0
// A script stops at its first error, a person goes on.
#include "sim/debug/dialogue.h"

#include <fmt/format.h>

#include "model/base/error.h"
#include "sim/debug/line_reader.h"

namespace systole::debug {

void run_script(std::istream& script, const std::string& name, Commands& commands,
                const SayText& say) {
  int number = 0;
  for (std::string line; !commands.ended() && std::getline(script, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (line.ends_with('\r')) line.pop_back();
    say(kPrompt + line + "\n");
    try {
      say(commands.execute(line));
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", name, number, error.what()), error.code());
    }
  }
}

void converse(Commands& commands, const std::function<void()>& begin, const SayText& say,
              const SayText& complain) {
  LineReader reader([&commands](const std::string& line) { return commands.completions(line); });
  std::string last;
  while (!commands.ended()) {
    auto line = reader.read(kPrompt);
    if (!line) return say("\n");
    if (line->find_first_not_of(" \t") == std::string::npos) line = last;
    last = *line;
    begin();
    try {
      say(commands.execute(*line));
    } catch (const Error& error) {
      if (error.is_internal()) throw;
      complain(error.what());
    }
  }
}

}  // namespace systole::debug
