// SPDX-License-Identifier: Apache-2.0
// Command `doctor`: what is installed, and what does not work without the rest.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/installation.h"
#include "sim/cli/json_option.h"
#include "sim/cli/look.h"
#include "sim/cli/streams.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> lacking(const std::vector<Part>& parts) {
  std::vector<std::string> names;
  for (const Part& part : parts)
    if (part.needed && !part.found) names.push_back(part.name);
  return names;
}

Json json_of(const std::vector<Part>& parts) {
  Json rows = Json::array();
  for (const Part& part : parts) {
    Json row = {{"name", part.name},
                {"found", part.found},
                {"needed", part.needed},
                {"detail", part.detail},
                {"serves", part.serves}};
    if (!part.found) row["remedy"] = part.remedy;
    rows.push_back(std::move(row));
  }
  return {{"schema", "systole.doctor"},
          {"schema_version", 1},
          {"version", SYSTOLE_VERSION},
          {"ok", lacking(parts).empty()},
          {"parts", rows}};
}

std::string text_of(const std::vector<Part>& parts) {
  std::string text = fmt::format("{:<12} {:<8} {}\n", "systole", "", SYSTOLE_VERSION);
  for (const Part& part : parts) {
    const std::string state = fmt::format("{:<8}", part.found    ? ""
                                                   : part.needed ? "MISSING"
                                                                 : "absent");
    const Style style = part.needed ? Style::kBad : Style::kWarning;
    text += fmt::format("{:<12} {} {}\n", part.name, part.found ? state : styled_out(style, state),
                        part.detail);
    if (!part.found)
      text += fmt::format("{:<21} without it no {}: {}\n", "", part.serves, part.remedy);
  }
  return text;
}

void doctor(bool json) {
  const std::vector<Part> parts = look_at_installation();
  if (json) {
    const auto replace = Json::error_handler_t::replace;
    print_out("{}\n", json_of(parts).dump(1, ' ', false, replace));
  } else {
    print_out(text_of(parts));
  }
  const std::vector<std::string> names = lacking(parts);
  if (!names.empty())
    throw Error(fmt::format("doctor: commands need what is not there: {}", fmt::join(names, ", ")));
}

}  // namespace

void add_doctor_command(CLI::App& app, ExitCode&) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Tell what is installed, and what does not work without the rest");
  auto json = std::make_shared<bool>(false);
  add_json_flag(*command, *json);
  command->footer(
      "Exit code 2 where something is missing that commands need; what is only absent makes them "
      "slower\nor takes a convenience.\n\n"
      "Example:\n  systole doctor");
  command->callback([json] { doctor(*json); });
}

}  // namespace systole::cli
