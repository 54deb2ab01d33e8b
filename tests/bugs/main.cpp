// SPDX-License-Identifier: Apache-2.0
// The program `systole-bugs`: the command line of `systole`, with `--bug N` for RTL that has a
// planted bug.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <systemc>
#include <vector>

#include "sim/cli/cli.h"

/// The SystemC library asks for it; simulations start from worker processes instead.
int sc_main(int, char**) { return 0; }

namespace {

constexpr const char* kUsage =
    "systole-bugs: systole, on RTL in which a bug is planted (docs/debugging.md)\n"
    "  --bug N  with every command: the bug of tests/bugs/N.patch, N from 1 to {}; without it the "
    "RTL is as it should be\n\n";

int refuse(const std::string& what) {
  fmt::print(stderr, "systole-bugs: {}\n", what);
  return 2;
}

/// Bugs have numbers from 1.
bool is_bug(std::string_view text) {
  return text.size() == 1 && text[0] >= '1' && text[0] < '1' + SYSTOLE_BUGS;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kOption = "--bug";
  std::vector<char*> others;
  for (int i = 0; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word != kOption && !word.starts_with("--bug=")) {
      others.push_back(argv[i]);
      continue;
    }
    word.remove_prefix(kOption.size());
    std::string_view bug = word;
    if (!bug.empty())
      bug.remove_prefix(1);
    else if (++i < argc)
      bug = argv[i];
    if (!is_bug(bug)) return refuse(fmt::format("--bug {}: expected 1 to {}", bug, SYSTOLE_BUGS));
    if (std::getenv("SYSTOLE_RTL_DIR") != nullptr)
      return refuse(fmt::format("--bug {}: the RTL is that of SYSTOLE_RTL_DIR or of --bug", bug));
    setenv("SYSTOLE_RTL_DIR", fmt::format("{}/{}", SYSTOLE_BUGS_FOLDER, bug).c_str(), 1);
  }
  if (argc == 2 && std::string_view(argv[1]) == "--help")
    fmt::print(fmt::runtime(kUsage), SYSTOLE_BUGS);
  others.push_back(nullptr);
  return systole::cli::run_cli(static_cast<int>(others.size()) - 1, others.data());
}
