// SPDX-License-Identifier: Apache-2.0
// One transaction a point; parts that points share are there once.
#include "sim/results/store.h"

#include <fmt/format.h>

#include "model/base/error.h"
#include "sim/results/figures.h"
#include "sim/results/open.h"
#include "sim/results/row_value.h"

namespace systole::results {
namespace {

using Json = nlohmann::json;

int64_t enter_version(Connection& database, const std::string& version, bool mixed) {
  Transaction entering(database);
  Statement other(database, "SELECT name FROM versions WHERE name <> ? ORDER BY id LIMIT 1");
  if (other.with(version).step() && !mixed)
    throw Error(
        fmt::format("{}: has points of version {}, this is {}, expected a database of its "
                    "own, or --mixed for both in one",
                    database.file().string(), other.text(0), version));
  Statement(database, "INSERT OR IGNORE INTO versions (name) VALUES (?)").with(version).run();
  Statement id(database, "SELECT id FROM versions WHERE name = ?");
  id.with(version).step();
  const int64_t entered = id.integer(0);
  id.reset();
  entering.commit();
  return entered;
}

std::string figures_text() {
  std::string names;
  for (const char* figure : kFigures) names += std::string(", ") + figure;
  return names;
}

}  // namespace

Store::Store(const std::filesystem::path& file, const std::string& version, bool mixed,
             bool exclusive)
    : database_(exclusive ? open_exclusively(file) : open_results(file, Access::kWrite)),
      version_(enter_version(database_, version, mixed)),
      claims_(database_, version_),
      points_(database_, "points"),
      layers_(database_, "layers"),
      events_(database_, "events"),
      layer_events_(database_, "layer_events"),
      point_(database_, "SELECT status, detail, reason, warnings" + figures_text() +
                            " FROM (SELECT detail, id FROM points WHERE configuration = ? AND "
                            "version = ?) JOIN results ON point = id"),
      removal_(database_, "DELETE FROM points WHERE configuration = ? AND version = ?"),
      network_(database_, "SELECT id, path = ? FROM networks WHERE identity = ?"),
      energy_table_(database_, "SELECT id FROM energy_tables WHERE identity = ?"),
      machine_(database_, "SELECT id FROM machines WHERE identity = ?"),
      memory_in_(database_,
                 "INSERT OR IGNORE INTO memories (identity, name, parameters) VALUES (?, ?, ?)"),
      machine_in_(database_,
                  "INSERT INTO machines (identity, name, parameters, clock_mhz, clock_node_nm, "
                  "array_rows, array_cols, ub_kib, memory) VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT "
                  "id FROM memories WHERE identity = ?))"),
      name_in_(database_, "INSERT OR IGNORE INTO names (text) VALUES (?)"),
      name_(database_, "SELECT id FROM names WHERE text = ?"),
      marked_(database_,
              "SELECT p.id, count(f.point) FROM points p LEFT JOIN failed_limits f ON f.point = "
              "p.id WHERE configuration = ? AND version = ? GROUP BY p.id"),
      unmark_(database_, "DELETE FROM failed_limits WHERE point = ?"),
      mark_(database_, "INSERT OR IGNORE INTO failed_limits (point, text, over) VALUES (?, ?, ?)") {
  if (is_exclusive(database_)) database_.run("UPDATE execution SET claimed = 0 WHERE claimed");
}

std::optional<StoredPoint> Store::find(const std::string& configuration) {
  if (!point_.with(configuration, version_).step()) return std::nullopt;
  StoredPoint stored;
  stored.finished = point_.text(0) == "finished";
  stored.detail = detail_of(point_.text(1));
  stored.reason = point_.text(2);
  constexpr int kFirst = 4;
  if (stored.finished)
    for (int i = kFirst; i < point_.columns(); ++i)
      stored.figures[kFigures[i - kFirst]] = row_value(point_, i);
  if (!point_.is_null(3))
    stored.figures["warnings"] = nlohmann::ordered_json::parse(point_.text(3));
  point_.reset();
  return stored;
}

nlohmann::json Store::find_accuracy(const std::string& evaluation) {
  Statement known(database_,
                  "SELECT top1, top1_error, metric, metric_error, images FROM points WHERE "
                  "evaluation = ? AND evaluation <> '' AND version = ? AND "
                  "(top1 IS NOT NULL OR metric IS NOT NULL) LIMIT 1");
  if (!known.with(evaluation, version_).step()) return nullptr;
  nlohmann::json figures;
  const char* const names[] = {"top1", "top1_error", "metric", "metric_error"};
  for (int i = 0; i < 4; ++i)
    if (!known.is_null(i)) figures[names[i]] = known.real(i);
  figures["images"] = known.integer(4);
  return figures;
}

int64_t Store::network_id(const Network& network) {
  if (!network_.with(network.path, network.identity).step()) {
    Statement(database_, "INSERT INTO networks (identity, file, path) VALUES (?, ?, ?)")
        .with(network.identity, network.name, network.path)
        .run();
    return database_.last_id();
  }
  const int64_t id = network_.integer(0);
  const bool moved = network_.integer(1) == 0;
  network_.reset();
  if (moved)
    Statement(database_, "UPDATE networks SET path = ? WHERE id = ?").with(network.path, id).run();
  return id;
}

int64_t Store::energy_table_id(const Part& table) {
  if (energy_table_.with(table.identity).step()) {
    const int64_t id = energy_table_.integer(0);
    energy_table_.reset();
    return id;
  }
  Statement(database_, "INSERT INTO energy_tables (identity, name) VALUES (?, ?)")
      .with(table.identity, table.name)
      .run();
  return database_.last_id();
}

int64_t Store::name_id(const std::string& text) {
  name_in_.with(text).run();
  name_.with(text).step();
  const int64_t id = name_.integer(0);
  name_.reset();
  return id;
}

int64_t Store::machine_id(const Machine& machine) {
  if (machine_.with(machine.identity).step()) {
    const int64_t id = machine_.integer(0);
    machine_.reset();
    return id;
  }
  if (!machine.memory) {
    Statement(database_, "INSERT INTO machines (identity, name, parameters) VALUES (?, ?, ?)")
        .with(machine.identity, machine.name, machine.parameters)
        .run();
    return database_.last_id();
  }
  const Memory& memory = *machine.memory;
  memory_in_.with(memory.identity, memory.name, memory.parameters).run();
  machine_in_
      .with(machine.identity, machine.name, machine.parameters, machine.clock_mhz,
            machine.clock_node_nm, machine.array_rows, machine.array_cols, machine.ub_kib,
            memory.identity)
      .run();
  return database_.last_id();
}

void Store::insert(const Configuration& configuration, Detail detail, const Outcome& outcome) {
  Json values = outcome.finished ? outcome.totals.at("figures") : Json::object();
  values["configuration"] = configuration.identity;
  values["version"] = version_;
  values["network"] = network_id(configuration.network);
  values["machine"] = machine_id(configuration.machine);
  values["energy_table"] = energy_table_id(configuration.energy_table);
  values["weights"] = configuration.weights;
  values["activations"] = configuration.activations;
  values["precision"] = configuration.precision;
  values["prune"] = configuration.prune;
  values["batch"] = configuration.batch;
  values["shape"] = configuration.shape;
  values["calib_method"] = configuration.calib_method;
  values["repeat"] = configuration.repeat;
  values["host_fallback"] = configuration.host_fallback;
  values["data"] = configuration.data;
  values["calib"] = configuration.calib;
  values["evaluation"] = configuration.evaluation;
  values["choices"] = configuration.choices;
  values["detail"] = name_of(detail);
  values["status"] = outcome.finished ? "finished" : "failed";
  if (!outcome.finished) values["reason"] = outcome.reason;
  if (outcome.totals.contains("warnings")) values["warnings"] = outcome.totals["warnings"];
  points_.insert(values, outcome.finished ? outcome.totals.at("causes") : Json());
  if (!outcome.finished) return;
  const int64_t point = database_.last_id();
  Json events = outcome.totals.at("events");
  events["point"] = point;
  events_.insert(events, Json());
  if (detail >= Detail::kLayers) insert_layers(point, detail, outcome.layers);
}

void Store::insert_layers(int64_t point, Detail detail, const Json& layers) {
  for (size_t i = 0; i < layers.size(); ++i) {
    Json layer = layers[i];
    layer["point"] = point;
    layer["number"] = i;
    for (const char* key : {"name", "operator"})
      layer[key] = name_id(layer[key].get<std::string>());
    layers_.insert(layer, layer.at("causes"));
    if (detail < Detail::kAll) continue;
    Json events = layer.at("events");
    events["point"] = point;
    events["number"] = i;
    layer_events_.insert(events, Json());
  }
}

void Store::put(const Configuration& configuration, Detail detail, const Outcome& outcome) {
  Transaction putting(database_);
  const std::optional<StoredPoint> there = find(configuration.identity);
  if (!there || !there->finished || (outcome.finished && !there->is_enough(detail))) {
    removal_.with(configuration.identity, version_).run();
    insert(configuration, detail, outcome);
  }
  claims_.end(configuration.identity, outcome.seconds, outcome.peak_kib);
  putting.commit();
}

void Store::mark(const std::string& configuration, const std::vector<FailedLimit>& failed) {
  if (!marked_.with(configuration, version_).step()) return;
  const int64_t point = marked_.integer(0);
  const bool had_none = marked_.integer(1) == 0;
  marked_.reset();
  if (had_none && failed.empty()) return;
  Transaction marking(database_);
  unmark_.with(point).run();
  for (const FailedLimit& one : failed) {
    mark_.with(point, one.limit);
    if (one.over)
      mark_.bind(2, *one.over);
    else
      mark_.bind(2, nullptr);
    mark_.run();
  }
  marking.commit();
}

}  // namespace systole::results
