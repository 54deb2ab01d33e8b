// SPDX-License-Identifier: Apache-2.0
// Asks the table for its columns.
#include "sim/results/insertion.h"

#include <fmt/format.h>

#include <set>

#include "model/isa/causes.h"
#include "model/isa/isa.h"

namespace systole::results {
namespace {

std::set<std::string> cause_names() {
  std::set<std::string> names;
  for (int u = 0; u < isa::kUnits; ++u)
    for (int c = 0; c < isa::kCauses; ++c)
      names.insert(
          fmt::format("{}_{}", isa::unit_name(isa::Unit(u)), isa::cause_name(isa::Cause(c))));
  return names;
}

}  // namespace

std::string cause_of_column(const std::string& column) {
  static const std::set<std::string> kNames = cause_names();
  constexpr std::string_view kEnd = "_cycles";
  if (!column.ends_with(kEnd)) return "";
  const std::string cause = column.substr(0, column.size() - kEnd.size());
  return kNames.contains(cause) ? cause : "";
}

std::vector<Insertion::Column> Insertion::columns_of(Connection& connection,
                                                     const std::string& table) {
  Statement info(connection, "SELECT name FROM pragma_table_info(?)");
  info.with(table);
  std::vector<Column> columns;
  while (info.step()) columns.push_back({info.text(0), cause_of_column(info.text(0))});
  return columns;
}

std::string Insertion::text_of(const std::string& table, const std::vector<Column>& columns) {
  std::string names, places;
  for (const Column& column : columns) {
    names += (names.empty() ? "" : ", ") + column.name;
    places += places.empty() ? "?" : ", ?";
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, places);
}

Insertion::Insertion(Connection& connection, const std::string& table)
    : columns_(columns_of(connection, table)), statement_(connection, text_of(table, columns_)) {}

void Insertion::bind(int at, const nlohmann::json& value) {
  if (value.is_number_float())
    statement_.bind(at, value.get<double>());
  else if (value.is_number())
    statement_.bind(at, value.get<int64_t>());
  else if (value.is_boolean())
    statement_.bind(at, int64_t{value.get<bool>()});
  else if (value.is_string())
    statement_.bind(at, value.get_ref<const std::string&>());
  else if (value.is_null())
    statement_.bind(at, nullptr);
  else
    statement_.bind(at, value.dump());
}

void Insertion::insert(const nlohmann::json& values, const nlohmann::json& causes) {
  statement_.reset();
  size_t told = 0;
  int other = -1;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const int at = static_cast<int>(i);
    const Column& column = columns_[i];
    if (column.name == kOtherCycles) other = at;
    if (!column.cause.empty() && !causes.is_null()) {
      const auto cause = causes.find(column.cause);
      told += cause != causes.end();
      statement_.bind(at, cause == causes.end() ? int64_t{0} : cause->get<int64_t>());
    } else if (const auto value = values.find(column.name); value != values.end()) {
      bind(at, *value);
    }
  }
  if (told < causes.size()) {
    nlohmann::json rest = causes;
    for (const Column& column : columns_) rest.erase(column.cause);
    bind(other, rest);
  }
  statement_.run();
}

}  // namespace systole::results
