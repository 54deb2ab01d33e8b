// SPDX-License-Identifier: Apache-2.0
// The two options.
#include "sim/cli/rtl_build_option.h"

#include <string>

#include "sim/cli/one_of.h"

namespace systole::cli {

void add_rtl_build_to(CLI::App& command, bool& quick, bool& allow_large) {
  command
      .add_option_function<std::string>(
          "--rtl-build", [&quick](const std::string& how) { quick = how == "quick"; },
          "Build of the RTL, where it is to be built: full; quick: sooner there, slower to "
          "simulate")
      ->check(OneOf({"full", "quick"}))
      ->default_str("full");
  command.add_flag("--yes", allow_large, "Build RTL of large arrays, which takes long");
}

}  // namespace systole::cli
