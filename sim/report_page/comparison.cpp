// SPDX-License-Identifier: Apache-2.0
// Matches runs, and words what sets them apart.
#include "sim/report_page/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "model/base/error.h"
#include "sim/report/format.h"
#include "sim/report_page/limiter.h"

namespace systole::report_page {
namespace {

constexpr size_t kShownChanges = 3;
constexpr size_t kShownKeys = 6;

std::string signed_text(int64_t cycles) { return (cycles > 0 ? "+" : "") + cycles_text(cycles); }

/// Values of the configuration by key.
std::map<std::string, Json> configuration_of(const Json& result) {
  const Json& arch = result.at("architecture");
  std::map<std::string, Json> values;
  for (const auto& [key, value] : arch.at("parameters").items()) values[key] = value;
  for (const auto& [key, value] : arch.at("memory").items()) values["memory." + key] = value;
  values["clock_mhz"] = arch.at("clock_mhz");
  for (const char* key : {"network", "batch", "repeat", "engine"}) values[key] = result.at(key);
  if (const auto choices = result.find("compile"); choices != result.end())
    for (const auto& [key, value] : choices->items()) values["compile." + key] = value;
  const Json& origin = result.at("provenance");
  values["version"] = origin.at("version");
  values["network.sha256"] = origin.at("network").at("sha256");
  return values;
}

Json different_configuration(const Json& runs) {
  std::map<std::string, Json> values;
  for (size_t i = 0; i < runs.size(); ++i)
    for (const auto& [key, value] : configuration_of(runs[i].at("result"))) {
      Json& row = values.try_emplace(key, runs.size(), nullptr).first->second;
      row[i] = value;
    }
  Json different = Json::array();
  for (const auto& [key, row] : values) {
    const Json& first = row[0];
    if (std::any_of(row.begin(), row.end(), [&](const Json& one) { return one != first; }))
      different.push_back({{"key", key}, {"values", row}});
  }
  return different;
}

/// Layers by name, and of equal names by their order, as the first run that has them orders them.
Json matched_layers(const Json& runs) {
  std::vector<std::pair<std::string, int>> order;
  std::map<std::pair<std::string, int>, Json> at;
  for (size_t i = 0; i < runs.size(); ++i) {
    std::map<std::string, int> seen;
    const Json& layers = runs[i].at("result").at("layers");
    for (size_t k = 0; k < layers.size(); ++k) {
      const auto name = layers[k].at("name").get<std::string>();
      const auto key = std::pair(name, seen[name]++);
      const auto [row, is_new] = at.try_emplace(key, runs.size(), nullptr);
      if (is_new) order.push_back(key);
      row->second[i] = k;
    }
  }
  Json rows = Json::array();
  for (const auto& key : order) rows.push_back({{"name", key.first}, {"at", at.at(key)}});
  return rows;
}

std::string run_name(const Json& data, size_t run) {
  return report::printable(data.at("runs").at(run).at("name").get<std::string>());
}

Sentence speed_sentence(const Json& data, size_t run) {
  Figures from(data);
  const auto cycles = [&](size_t i) {
    return from.integer(fmt::format("/runs/{}/result/totals/cycles", i));
  };
  const auto milliseconds = [&](size_t i) {
    return from.real(fmt::format("/runs/{}/result/totals/latency_ms", i));
  };
  const auto limit = [&](size_t i) { return from.text(fmt::format("/runs/{}/limit", i)); };
  const double before = milliseconds(0), after = milliseconds(run);
  const std::string factor = before == after  ? "as fast as"
                             : before > after ? times_text(before / after) + " as fast as"
                                              : "slower than";
  std::string text =
      fmt::format("{} is {} {}: {} ms ({} cycles) against {} ms ({} cycles)", run_name(data, run),
                  factor, run_name(data, 0), number_text(after), cycles_text(cycles(run)),
                  number_text(before), cycles_text(cycles(0)));
  if (before < after) text += fmt::format(", {} the time", times_text(after / before));
  const std::string first = limit(0), second = limit(run);
  text += first == second ? fmt::format("; both are bound by the same: {}", first)
                          : fmt::format("; what bounds {} is {}, what bounds {} is {}",
                                        run_name(data, 0), first, run_name(data, run), second);
  return from.sentence(text + ".");
}

Sentence configuration_sentence(const Json& data) {
  Figures from(data);
  const Json& different = data.at("configuration");
  std::vector<std::string> words;
  for (size_t i = 0; i < different.size() && words.size() < kShownKeys; ++i) {
    if (different[i].at("key") == "network.sha256") continue;  // told by the table
    const std::string at = fmt::format("/configuration/{}/", i);
    std::vector<std::string> values;
    for (const Json& value : from.at(at + "values"))
      values.push_back(value.is_string() ? report::printable(value.get<std::string>())
                       : value.is_null() ? "none"
                                         : value.dump());
    words.push_back(fmt::format("{} ({})", from.text(at + "key"), fmt::join(values, ", ")));
  }
  if (words.empty()) {
    from.at("/configuration");
    return from.sentence(different.empty() ? "Their configuration is the same."
                                           : "They differ in the content of the network alone.");
  }
  if (different.size() > words.size())
    words.push_back(fmt::format("and {} more", different.size() - words.size()));
  return from.sentence(fmt::format("They differ in {}.", fmt::join(words, "; ")));
}

/// Cycles of the layer `at` of run `i`; 0 if it has none.
int64_t layer_cycles(Figures& from, size_t i, const Json& at) {
  if (at.is_null()) return 0;
  return from.integer(fmt::format("/runs/{}/result/layers/{}/cycles", i, at.get<size_t>()));
}

Sentence layers_sentence(const Json& data, size_t run) {
  Figures from(data);
  Figures aside(data);  // those of layers that are not told
  std::vector<std::pair<int64_t, const Json*>> changes;
  for (const Json& row : data.at("layers")) {
    const Json& at = row.at("at");
    const int64_t change = layer_cycles(aside, run, at[run]) - layer_cycles(aside, 0, at[0]);
    if (change != 0) changes.emplace_back(change, &row);
  }
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return std::abs(a.first) > std::abs(b.first);
  });
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min(changes.size(), kShownChanges); ++i) {
    const auto& [change, row] = changes[i];
    layer_cycles(from, run, row->at("at")[run]);
    layer_cycles(from, 0, row->at("at")[0]);
    words.push_back(fmt::format("{} {}", report::printable(row->at("name").get<std::string>()),
                                signed_text(change)));
  }
  const int64_t all = from.integer(fmt::format("/runs/{}/result/totals/cycles", run)) -
                      from.integer("/runs/0/result/totals/cycles");
  if (words.empty())
    return from.sentence(fmt::format("Every layer takes as many cycles in {} as in {}.",
                                     run_name(data, run), run_name(data, 0)));
  return from.sentence(fmt::format(
      "Of the {} cycles of {} most are in {} of the {} layers that differ: {}.", signed_text(all),
      run_name(data, run), words.size(), changes.size(), fmt::join(words, ", ")));
}

}  // namespace

Json comparison_data(const std::vector<RunInput>& runs) {
  Json data = {{"runs", Json::array()}};
  for (const RunInput& run : runs) {
    try {
      if (run.result.at("status") != "finished")
        throw Error(run.name + ": did not come to its end, expected a run that can be compared");
      data["runs"].push_back({{"name", run.name},
                              {"limit", limit_name(limiter_of(run.result).limit)},
                              {"result", run.result}});
      configuration_of(run.result);
    } catch (const Json::exception& error) {
      throw Error(fmt::format("{}: is no whole result: {}", run.name, error.what()));
    }
  }
  data["configuration"] = different_configuration(data["runs"]);
  data["layers"] = matched_layers(data["runs"]);
  Answer answer;
  for (size_t i = 1; i < runs.size(); ++i) answer.push_back(speed_sentence(data, i));
  answer.push_back(configuration_sentence(data));
  for (size_t i = 1; i < runs.size(); ++i) answer.push_back(layers_sentence(data, i));
  data["answer"] = to_json(answer);
  return data;
}

}  // namespace systole::report_page
