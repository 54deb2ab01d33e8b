// SPDX-License-Identifier: Apache-2.0
// The block of JSON of a page.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "model/base/error.h"
#include "sim/report_page/assumptions.h"
#include "sim/report_page/comparison.h"
#include "sim/report_page/layers_answer.h"
#include "sim/report_page/limiter.h"
#include "sim/report_page/page.h"
#include "sim/report_page/points_answer.h"
#include "sim/report_page/run_answer.h"
#include "sim/report_page/silicon.h"

namespace systole::report_page {
namespace {

Json run_data(const RunInput& run) {
  try {
    const auto network = run.result.at("network").get<std::string>();
    const auto machine = run.result.at("architecture").at("name").get<std::string>();
    Json data = {{"kind", "run"},
                 {"title", fmt::format("{} on {}", network, machine)},
                 {"source", run.name},
                 {"answer", to_json(run_answer(run.result))}};
    if (run.result.at("status") == "finished")
      data["limit"] = limit_name(limiter_of(run.result).limit);
    data["result"] = run.result;
    if (!run.over_time.is_null()) data["over_time"] = run.over_time.at("windows");
    return data;
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}: is no whole result: {}", run.name, error.what()));
  }
}

Json layers_data(const LayersInput& layers) {
  try {
    const auto network = layers.result.at("network").get<std::string>();
    return {{"kind", "layers"},
            {"title", fmt::format("{}: which layer loses the accuracy", network)},
            {"source", layers.name},
            {"answer", to_json(layers_answer(layers.result))},
            {"result", layers.result}};
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}: tells no whole layers: {}", layers.name, error.what()));
  }
}

Json several_runs_data(const std::vector<RunInput>& runs) {
  std::string names;
  for (const RunInput& run : runs) names += (names.empty() ? "" : ", ") + run.name;
  Json data = {{"kind", "comparison"},
               {"title", fmt::format("{} runs compared", runs.size())},
               {"source", names}};
  data.update(comparison_data(runs));
  return data;
}

const char* role_name(Role role) {
  switch (role) {
    case Role::kName:
      return "name";
    case Role::kConfiguration:
      return "configuration";
    case Role::kFigure:
      return "figure";
    case Role::kRemark:
      return "remark";
  }
  return "?";
}

/// Texts as numbers of words that stand there once.
void add_values(const PointColumn& column, Json& json) {
  const bool has_text = std::any_of(column.values.begin(), column.values.end(),
                                    [](const Json& value) { return value.is_string(); });
  if (!has_text) {
    json["values"] = column.values;
    return;
  }
  std::map<std::string, size_t> known;
  Json words = Json::array(), codes = Json::array();
  for (const Json& value : column.values) {
    if (value.is_null()) {
      codes.push_back(nullptr);
      continue;
    }
    const auto [at, is_new] = known.try_emplace(
        value.is_string() ? value.get<std::string>() : value.dump(), words.size());
    if (is_new) words.push_back(at->first);
    codes.push_back(at->second);
  }
  json["words"] = std::move(words);
  json["codes"] = std::move(codes);
}

Json column_json(const PointColumn& column) {
  Json json = {{"key", column.key},
               {"label", column.label},
               {"unit", column.unit},
               {"role", role_name(column.role)},
               {"wanted", column.wanted == Wanted::kLow    ? Json("low")
                          : column.wanted == Wanted::kHigh ? Json("high")
                                                           : Json()}};
  add_values(column, json);
  return json;
}

Json points_data(Points points, const ChoiceRequest& request) {
  Json data = {{"kind", "points"},
               {"title", fmt::format("{}: {} points", points.name, points.rows)},
               {"source", points.name}};
  std::optional<Points> all;  // what is chosen by may be the same for all
  if (!request.choose.empty()) all = points;
  data["constants"] = take_constants(points);
  Answer answer = points_answer(points);
  if (all) {
    data["choice"] = choose_points(*all, points, request, answer);
    if (const PointColumn* number = all->find("point"))  // of a database
      for (Json& choice : data["choice"])
        choice["assumptions"] = assumptions_of(
            all->name, number->values[choice.at("chosen").get<size_t>()].get<int64_t>());
    data["silicon"] = silicon();
  }
  if (!points.break_even.is_null()) data["break_even"] = points.break_even;
  data["answer"] = to_json(answer);
  data["cases"] = Json::array();
  std::vector<size_t> numbers(points.rows);
  for (const PointCase& one : cases_of(points)) {
    for (const size_t row : one.rows) numbers[row] = data["cases"].size();
    data["cases"].push_back(one.label);
  }
  data["case"] = numbers;
  data["cases_by"] = points.case_keys;
  data["rows"] = points.rows;
  data["columns"] = Json::array();
  for (const PointColumn& column : points.columns) data["columns"].push_back(column_json(column));
  return data;
}

}  // namespace

Json page_data(std::vector<Input> inputs, const ChoiceRequest& request) {
  std::vector<RunInput> runs;
  std::vector<Points> points;
  for (Input& input : inputs) {
    if (const auto* layers = std::get_if<LayersInput>(&input)) {
      if (inputs.size() > 1 || !request.choose.empty())
        throw Error(fmt::format("{} tells the layers of one network, expected it alone{}",
                                layers->name, request.choose.empty() ? "" : ", no --choose"));
      return layers_data(*layers);
    }
    if (auto* run = std::get_if<RunInput>(&input))
      runs.push_back(std::move(*run));
    else
      points.push_back(std::move(std::get<Points>(input)));
  }
  if (!runs.empty() && !points.empty())
    throw Error(fmt::format("{} is the result of a run, {} has many points, expected one kind",
                            runs.front().name, points.front().name));
  if (!runs.empty() && !request.choose.empty())
    throw Error("--choose: expected points of a sweep or a study, not the result of a run");
  if (runs.size() > 1) return several_runs_data(runs);
  return runs.empty() ? points_data(together(std::move(points)), request) : run_data(runs.front());
}

}  // namespace systole::report_page
