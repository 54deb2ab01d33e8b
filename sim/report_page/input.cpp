// SPDX-License-Identifier: Apache-2.0
// Reads results, and refuses every other file.
#include "sim/report_page/input.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "model/base/error.h"
#include "sim/report/json.h"

namespace systole::report_page {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExpected = "expected result.json of `systole run -o`";

fs::path file_in(const fs::path& named) {
  std::error_code error;
  if (!fs::is_directory(named, error)) return named;
  if (fs::is_regular_file(named / "result.json", error)) return named / "result.json";
  throw Error(named.string() + ": has no result.json, expected a folder of `systole run -o`");
}

Json parse(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(file.string() + ": no such file, or it cannot be read");
  Json json = Json::parse(stream, nullptr, false);
  if (!json.is_object() || !json.contains("schema") || json["schema"] != "systole.result")
    throw Error(fmt::format("{}: is no result, {}", file.string(), kExpected));
  return json;
}

}  // namespace

RunInput read_run(const std::string& name) {
  const fs::path file = file_in(name);
  Json json = parse(file);
  const Json version = json.value("schema_version", Json());
  if (version != report::kResultSchemaVersion)
    throw Error(fmt::format("{}: has schema {}, expected {}: it was written by another release",
                            file.string(), version.dump(), report::kResultSchemaVersion));
  return {name, std::move(json)};
}

}  // namespace systole::report_page
