// SPDX-License-Identifier: Apache-2.0
// Reads what docs/result.schema.json describes.
#include "sim/results/compared_result.h"

#include <fmt/format.h>

#include <fstream>

#include "model/base/error.h"

namespace systole::results {
namespace {

using Json = nlohmann::json;

/// Values by their path, "dram_bytes.total".
void flatten(const Json& json, const std::string& path, std::map<std::string, Json>& values) {
  if (!json.is_structured()) {
    values[path] = json;
    return;
  }
  for (const auto& [key, value] : json.items()) {
    std::string inner = path;
    if (!inner.empty()) inner += '.';
    flatten(value, inner += key, values);
  }
}

Causes causes_of(const Json& units) {
  Causes causes;
  for (const auto& [unit, cycles] : units.items())
    for (const auto& [cause, count] : cycles.items())
      causes[fmt::format("{}_{}", unit, cause)] = count.get<int64_t>();
  return causes;
}

Compared compared_of(const Json& result) {
  Compared made;
  made.name = result.at("network").get<std::string>();
  const Json& arch = result.at("architecture");
  made.configuration["architecture"] = arch.at("name");
  made.configuration["clock_mhz"] = arch.at("clock_mhz");
  flatten(arch.at("parameters"), "", made.configuration);
  flatten(arch.at("memory"), "memory", made.configuration);
  for (const char* key : {"network", "batch", "repeat", "engine"})
    if (result.contains(key)) made.configuration[key] = result.at(key);
  if (const auto compile = result.find("compile"); compile != result.end())
    for (const auto& [choice, on] : compile->items()) made.configuration["compile." + choice] = on;
  if (const auto origin = result.find("provenance"); origin != result.end()) {
    made.configuration["version"] = origin->at("version");
    made.configuration["network.sha256"] = origin->at("network").at("sha256");
  }
  Json totals = result.at("totals");
  made.causes = causes_of(totals.at("unit_cycles"));
  totals.erase("unit_cycles");
  totals.erase("distance");
  flatten(totals, "", made.totals);
  made.totals["status"] = result.at("status");
  for (const Json& layer : result.at("layers")) {
    ComparedLayer row{layer.at("name").get<std::string>(),
                      layer.at("cycles").get<int64_t>(),
                      {},
                      causes_of(layer.at("unit_cycles"))};
    for (const char* figure : {"operator", "useful_macs", "dense_macs", "mac_bits", "dram_bytes",
                               "lower_bound_cycles", "reference_cycles"})
      flatten(layer.at(figure), figure, row.figures);
    made.layers.push_back(std::move(row));
  }
  return made;
}

class ComparedResult : public ComparedSet {
 public:
  explicit ComparedResult(Compared result) : result_(std::move(result)) {}
  const char* kind() const override { return "a result"; }
  std::vector<std::string> keys() override { return {""}; }
  Compared load(const std::string&) override { return result_; }

 private:
  const Compared result_;
};

}  // namespace

std::unique_ptr<ComparedSet> open_compared_result(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(file.string() + ": no such file, or it cannot be read");
  try {
    return std::make_unique<ComparedResult>(compared_of(Json::parse(stream)));
  } catch (const Json::exception&) {
    throw Error(file.string() + ": is no result, expected result.json of `systole run -o`");
  }
}

}  // namespace systole::results
