// SPDX-License-Identifier: Apache-2.0
// Reads points with their layers; who ran them when is not compared.
#include "sim/results/compared_database.h"

#include <fmt/format.h>

#include <optional>

#include "model/base/error.h"
#include "sim/results/figures.h"
#include "sim/results/insertion.h"
#include "sim/results/open.h"
#include "sim/results/row_value.h"

namespace systole::results {
namespace {

using Json = nlohmann::json;

void add_parameters(const std::string& text, const std::string& prefix,
                    std::map<std::string, Json>& values) {
  if (text.empty()) return;
  const Json parameters = Json::parse(text);
  for (const auto& [key, value] : parameters.items()) values[prefix + key] = value;
}

/// Cycles by cause of a row that has the columns of a table of causes.
Causes causes_of(const Statement& row) {
  Causes causes;
  for (int i = 0; i < row.columns(); ++i) {
    const std::string cause = cause_of_column(row.name(i));
    if (!cause.empty() && row.integer(i) > 0) causes[cause] = row.integer(i);
    if (row.name(i) != kOtherCycles || row.is_null(i)) continue;
    const Json others = Json::parse(row.text(i));
    for (const auto& [other, cycles] : others.items()) causes[other] = cycles.get<int64_t>();
  }
  return causes;
}

/// `row`: the layer's name, then the columns of the table.
ComparedLayer layer_of(const Statement& row) {
  ComparedLayer layer{row.text(0), 0, {}, causes_of(row)};
  for (int i = 1; i < row.columns(); ++i) {
    const std::string name = row.name(i);
    if (name == "cycles")
      layer.cycles = row.integer(i);
    else if (name.starts_with("dram_") || name.starts_with("bound_") || name.ends_with("_macs") ||
             name == "mac_bits" || name == "operation")
      layer.figures[name] = row_value(row, i);
  }
  return layer;
}

/// Network and machine, and what else of a point is not as usual.
std::string name_of_row(const std::map<std::string, Json>& row) {
  const auto text = [&](const char* column) { return row.at(column).get<std::string>(); };
  const auto number = [&](const char* column) { return row.at(column).get<int64_t>(); };
  std::string name = text("network");
  if (number("weights") != 8 || number("activations") != 8)
    name += fmt::format(" W{}A{}", number("weights"), number("activations"));
  if (text("prune") != "none") name += " " + text("prune");
  if (number("repeat") != 1) name += fmt::format(" repeat {}", number("repeat"));
  if (!text("choices").empty()) name += " " + text("choices");
  return fmt::format("{} on {}, batch {}", name, text("machine"), number("batch"));
}

/// `row`: of a table of events. Its cycles are told elsewhere.
void add_events(const Statement& row, std::map<std::string, Json>& values) {
  for (int i = 0; i < row.columns(); ++i) {
    const std::string name = row.name(i);
    if (name != "point" && name != "number" && name != "cycles")
      values["events." + name] = row.integer(i);
  }
}

class ComparedDatabase : public ComparedSet {
 public:
  ComparedDatabase(std::shared_ptr<Connection> database, std::optional<int64_t> point)
      : kept_(std::move(database)),
        database_(*kept_),
        point_(point),
        result_(database_, "SELECT * FROM results WHERE point = ?"),
        parameters_(database_,
                    "SELECT m.parameters, d.parameters, n.identity, e.identity, m.clock_mhz FROM "
                    "points p JOIN machines m ON m.id = p.machine LEFT JOIN memories d ON d.id = "
                    "m.memory JOIN networks n ON n.id = p.network JOIN energy_tables e ON e.id = "
                    "p.energy_table WHERE p.id = ?"),
        causes_(database_, "SELECT * FROM points WHERE id = ?"),
        events_(database_, "SELECT * FROM events WHERE point = ?"),
        layers_(database_,
                "SELECT a.text, b.text AS operation, l.* FROM layers l JOIN names a ON a.id = "
                "l.name JOIN names b ON b.id = l.operator WHERE point = ? ORDER BY number"),
        layer_events_(database_, "SELECT * FROM layer_events WHERE point = ? ORDER BY number") {
    const std::string file = database_.file().string();
    if (point_) {
      if (!result_.with(*point_).step())
        throw Error(fmt::format("{}: has no point {}", file, *point_));
      result_.reset();
    } else if (database_.number("SELECT count(DISTINCT version) FROM points") > 1) {
      throw Error(
          fmt::format("{}: has points of several versions, expected one, or one point as "
                      "{}:NUMBER",
                      file, file));
    }
  }

  const char* kind() const override { return "a database"; }

  std::vector<std::string> keys() override {
    std::vector<std::string> keys;
    Statement all(database_,
                  "SELECT configuration, id FROM points WHERE ?1 IS NULL OR id = ?1 ORDER BY 1");
    if (point_)
      all.with(*point_);
    else
      all.with(nullptr);
    while (all.step()) {
      keys.push_back(all.text(0));
      ids_[all.text(0)] = all.integer(1);
    }
    return keys;
  }

  Compared load(const std::string& key) override {
    const int64_t id = ids_.at(key);
    Compared made;
    std::map<std::string, Json> row;
    result_.with(id).step();
    for (int i = 0; i < result_.columns(); ++i) row[result_.name(i)] = row_value(result_, i);
    result_.reset();
    for (const char* name : {"network", "machine", "weights", "activations", "precision", "prune",
                             "batch", "repeat", "shape", "calib_method", "host_fallback", "data",
                             "calib", "evaluation", "choices", "energy_table", "version"})
      made.configuration[name] = row[name];
    for (const char* figure : kFigures)
      if (figure != std::string_view("energy_table")) made.totals[figure] = row[figure];
    for (const char* name : {"status", "reason", "warnings"}) made.totals[name] = row[name];
    made.name = name_of_row(row);
    parameters_.with(id).step();
    add_parameters(parameters_.text(0), "", made.configuration);
    add_parameters(parameters_.text(1), "memory.", made.configuration);
    made.configuration["network.sha256"] = parameters_.text(2);
    made.configuration["energy_table.sha256"] = parameters_.text(3);
    made.configuration["clock_mhz"] = row_value(parameters_, 4);
    parameters_.reset();
    causes_.with(id).step();
    made.causes = causes_of(causes_);
    causes_.reset();
    layers_.with(id);
    while (layers_.step()) made.layers.push_back(layer_of(layers_));
    if (events_.with(id).step()) add_events(events_, made.totals);
    events_.reset();
    layer_events_.with(id);
    while (layer_events_.step())
      add_events(layer_events_, made.layers.at(layer_events_.integer(1)).figures);
    return made;
  }

 private:
  const std::shared_ptr<Connection> kept_;
  Connection& database_;
  const std::optional<int64_t> point_;
  Statement result_, parameters_, causes_, events_, layers_, layer_events_;
  std::map<std::string, int64_t> ids_;  ///< by key
};

std::optional<int64_t> number_of(const std::filesystem::path& file, const std::string& point) {
  if (point.empty()) return std::nullopt;
  if (point.size() > 18 || point.find_first_not_of("0123456789") != std::string::npos)
    throw Error(fmt::format("{}:{}: expected the number of a point", file.string(), point));
  return std::stoll(point);
}

}  // namespace

std::unique_ptr<ComparedSet> open_compared_database(const std::filesystem::path& file,
                                                    const std::string& point) {
  return std::make_unique<ComparedDatabase>(
      std::make_shared<Connection>(open_results(file, Access::kRead)), number_of(file, point));
}

Compared load_compared(Connection& database, int64_t point) {
  ComparedDatabase one(std::shared_ptr<Connection>(std::shared_ptr<void>(), &database), point);
  return one.load(one.keys().front());
}

}  // namespace systole::results
