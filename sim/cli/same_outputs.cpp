// SPDX-License-Identifier: Apache-2.0
// Looks at the options that name a file to be written.
#include "sim/cli/same_outputs.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <string>

#include "model/base/error.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOutputs[] = {"--output",     "--json",     "--csv",        "--jsonl",
                                    "--markdown",   "--masks",    "--dram-trace", "--dram-commands",
                                    "--retire-log", "--timeline", "--graph",      "--wave-file"};

}  // namespace

void refuse_same_outputs(const CLI::App& command) {
  std::map<fs::path, const char*> taken;
  for (const char* name : kOutputs) {
    const CLI::Option* option = command.get_option_no_throw(name);
    if (!option || option->count() == 0) continue;
    const std::string value = option->results().back();
    if (value.empty() || value == "-") continue;  // who may take standard output says so itself
    std::error_code none;
    const fs::path file = fs::weakly_canonical(fs::absolute(value, none), none);
    const auto [other, is_new] = taken.emplace(file, name);
    if (!is_new)
      throw Error(fmt::format("{} {}: is also the file of {}, expected another one", name, value,
                              other->second));
  }
}

}  // namespace systole::cli
