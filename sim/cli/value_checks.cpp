// SPDX-License-Identifier: Apache-2.0
// Validators without a description, which --help would show.
#include "sim/cli/value_checks.h"

#include <fmt/format.h>

#include <charconv>

namespace systole::cli {

CLI::Validator whole_number(uint64_t max) {
  const auto check = [max](std::string& text) -> std::string {
    uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [behind, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && behind == end && value <= max) return "";
    return fmt::format("'{}' is not a whole number in 0..{}", text, max);
  };
  return {check, ""};
}

void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_min() == 0) continue;
    const std::string type = option->get_type_name();
    option->check(CLI::Validator(
        [type](std::string& text) {
          return text.empty() ? "is empty, expected " + type : std::string();
        },
        ""));
  }
  for (CLI::App* command : app.get_subcommands(nullptr)) refuse_empty_values(*command);
}

}  // namespace systole::cli
