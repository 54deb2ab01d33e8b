// SPDX-License-Identifier: Apache-2.0
// Reads results, and refuses every other file.
#include "sim/report_page/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "model/base/error.h"
#include "sim/report/json.h"
#include "sim/report_page/read_points.h"
#include "sim/study/report.h"

namespace systole::report_page {
namespace {

namespace fs = std::filesystem;

constexpr int kOverTimeVersion = 1;  // trace::kOverTimeVersion
constexpr int kAccuracyVersion = 1;  // of sim/cli/accuracy_report.cpp

fs::path file_in(const fs::path& named) {
  std::error_code error;
  if (!fs::is_directory(named, error)) return named;
  for (const char* name : {"study.json", "results.db", "result.json"})
    if (fs::is_regular_file(named / name, error)) return named / name;
  throw Error(named.string() +
              ": has no results.db, no result.json and no study.json, expected one of them");
}

Json parse(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(file.string() + ": no such file, or it cannot be read");
  return Json::parse(stream, nullptr, false);
}

void check_version(const fs::path& file, const Json& json, int expected) {
  const Json version = json.value("schema_version", Json());
  if (version != expected)
    throw Error(fmt::format("{}: has schema {}, expected {}: it was written by another release",
                            file.string(), version.dump(), expected));
}

/// What `run -o` puts beside a result. Throws Error: it is of another run.
Json read_over_time(const fs::path& result_file, const Json& result) {
  const fs::path file = result_file.parent_path() / "over_time.json";
  std::error_code error;
  if (result_file.filename() != "result.json" || !fs::is_regular_file(file, error)) return {};
  Json json = parse(file);
  if (!json.is_object() || json.value("schema", Json()) != "systole.over_time")
    throw Error(file.string() + ": is not what `systole run -o` writes");
  check_version(file, json, kOverTimeVersion);
  if (json.value("cycles", Json()) !=
      result.value("totals", Json::object()).value("cycles", Json()))
    throw Error(fmt::format("{}: is of another run than {}, expected the same cycles",
                            file.string(), result_file.string()));
  return json;
}

LayersInput read_layers(const std::string& name, const fs::path& file, Json json) {
  check_version(file, json, kAccuracyVersion);
  const Json layers = json.value("layers", Json());
  if (!layers.is_array() || layers.empty())
    throw Error(file.string() +
                ": tells no layers, expected what `systole accuracy --layers "
                "--json` writes");
  return {name, std::move(json)};
}

Input read_json(const std::string& name, const fs::path& file) {
  Json json = parse(file);
  const Json schema = json.is_object() ? json.value("schema", Json()) : Json();
  if (schema == "systole.result") {
    check_version(file, json, report::kResultSchemaVersion);
    Json over_time = read_over_time(file, json);
    return RunInput{name, std::move(json), std::move(over_time)};
  }
  if (schema == "systole.accuracy") return read_layers(name, file, std::move(json));
  if (schema != "systole.study")
    throw Error(file.string() +
                ": is no result, expected result.json of `systole run -o`, study.json of `systole "
                "study -o`, or what `systole accuracy --layers --json` writes");
  check_version(file, json, study::kStudySchemaVersion);
  try {
    Points points = study_points(json);
    points.name = name;
    return points;
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}: is no whole study: {}", file.string(), error.what()));
  }
}

}  // namespace

Input read_input(const std::string& name) {
  const fs::path file = file_in(name);
  if (file.extension() == ".json") return read_json(name, file);
  Points points = read_database(file);
  points.name = name;
  return points;
}

Points together(std::vector<Points> sources) {
  if (sources.size() == 1) return std::move(sources.front());
  Points all;
  all.case_keys = sources.front().case_keys;
  PointColumn& source = all.add("source", Role::kConfiguration);
  for (const Points& points : sources) {
    all.paths.insert(points.paths.begin(), points.paths.end());
    source.values.insert(source.values.end(), points.rows, points.name);
    all.name += (all.name.empty() ? "" : ", ") + points.name;
    all.rows += points.rows;
  }
  for (const Points& points : sources)
    for (const PointColumn& column : points.columns)
      if (all.find(column.key) == nullptr) all.add(column.key, column.role);
  for (PointColumn& column : all.columns) {
    if (column.key == "source") continue;
    for (const Points& points : sources) {
      const PointColumn* from = points.find(column.key);
      if (from == nullptr)
        column.values.insert(column.values.end(), points.rows, Json());
      else
        column.values.insert(column.values.end(), from->values.begin(), from->values.end());
    }
  }
  // The name of a point begins its row.
  std::stable_partition(all.columns.begin(), all.columns.end(),
                        [](const PointColumn& column) { return column.role == Role::kName; });
  return all;
}

}  // namespace systole::report_page
