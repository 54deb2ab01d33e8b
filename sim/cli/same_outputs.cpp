// SPDX-License-Identifier: Apache-2.0
// Looks at the options that name a file to be written.
#include "sim/cli/same_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "model/base/error.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOutputs[] = {"--output",     "--json",     "--csv",        "--jsonl",
                                    "--markdown",   "--masks",    "--dram-trace", "--dram-commands",
                                    "--retire-log", "--timeline", "--graph",      "--wave-file"};

bool is_output(const CLI::Option& option) {
  const std::vector<std::string>& names = option.get_lnames();
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return std::find(std::begin(kOutputs), std::end(kOutputs), "--" + name) != std::end(kOutputs);
  });
}

/// Whether `value`, a file or NAME=FILE, names the file that `output` does.
bool names_same_file(const std::string& value, const std::string& output) {
  std::error_code none;
  if (!fs::is_regular_file(output, none)) return false;
  if (fs::equivalent(value, output, none)) return true;
  const size_t equals = value.find('=');
  return equals != std::string::npos && fs::equivalent(value.substr(equals + 1), output, none);
}

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

void refuse_inputs_as_outputs(const CLI::App& command) {
  if (command.get_name() == "merge") return;  // it adds to a database, which may be a part as well
  for (const CLI::Option* output : command.get_options()) {
    if (!is_output(*output) || output->get_items_expected_min() == 0) continue;
    for (const std::string& file : output->results())
      for (const CLI::Option* input : command.get_options()) {
        if (is_output(*input)) continue;
        for (const std::string& value : input->results())
          if (names_same_file(value, file))
            throw Error(
                fmt::format("{} {}: is also the file of {}, which is read, expected another one",
                            output->get_name(), file, input->get_name()));
      }
  }
}

}  // namespace systole::cli
