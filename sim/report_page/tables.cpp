// SPDX-License-Identifier: Apache-2.0
// Makes tables of a page's data.
#include "sim/report_page/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sim/report/format.h"

namespace systole::report_page {
namespace {

struct Table {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<Json>> rows;
};

constexpr const char* kTotals[] = {"cycles",
                                   "latency_ms",
                                   "inferences_per_s",
                                   "useful_macs",
                                   "tops",
                                   "peak_tops",
                                   "mac_utilisation",
                                   "mxu_busy",
                                   "bytes_per_cycle",
                                   "peak_bytes_per_cycle",
                                   "layer_reference_cycles"};

Table totals_table(const std::vector<std::pair<std::string, const Json*>>& results) {
  Table table{"Totals", {"figure"}, {}};
  for (const auto& [name, result] : results) table.header.push_back(name);
  const auto add = [&](const std::string& name, const std::string& pointer) {
    std::vector<Json> row = {name};
    for (const auto& [_, result] : results)
      row.push_back(result->at(Json::json_pointer("/totals/" + pointer)));
    table.rows.push_back(std::move(row));
  };
  for (const char* key : kTotals) add(key, key);
  add("dram_bytes", "dram_bytes/total");
  return table;
}

/// Columns of a layer: name, and where its value stands.
constexpr std::pair<const char*, const char*> kLayer[] = {
    {"layer", "/name"},
    {"operator", "/operator"},
    {"cycles", "/cycles"},
    {"useful_macs", "/useful_macs"},
    {"mac_bits", "/mac_bits"},
    {"mac_utilisation", "/mac_utilisation"},
    {"dram_bytes", "/dram_bytes/total"},
    {"bound_by", "/lower_bound_cycles/largest"},
    {"cycles_per_bound", "/cycles_per_bound"},
    {"largest_stall", "/largest_stall"}};

Table layers_table(const Json& result) {
  Table table{"Layers", {}, {}};
  for (const auto& [name, _] : kLayer) table.header.push_back(name);
  for (const Json& layer : result.at("layers")) {
    std::vector<Json>& row = table.rows.emplace_back();
    for (const auto& [_, pointer] : kLayer) row.push_back(layer.at(Json::json_pointer(pointer)));
  }
  return table;
}

Table compared_layers_table(const Json& data) {
  Table table{"Layers, cycles and bytes of each run", {"layer"}, {}};
  const Json& runs = data.at("runs");
  for (const char* figure : {"cycles", "dram_bytes"})
    for (const Json& run : runs)
      table.header.push_back(fmt::format("{} {}", run.at("name").get<std::string>(), figure));
  for (const Json& row : data.at("layers")) {
    std::vector<Json>& cells = table.rows.emplace_back();
    cells.push_back(row.at("name"));
    for (const char* pointer : {"/cycles", "/dram_bytes/total"})
      for (size_t i = 0; i < runs.size(); ++i) {
        const Json& at = row.at("at")[i];
        cells.push_back(at.is_null() ? Json()
                                     : runs[i]
                                           .at("result")
                                           .at("layers")
                                           .at(at.get<size_t>())
                                           .at(Json::json_pointer(pointer)));
      }
  }
  return table;
}

Table configuration_table(const Json& data) {
  Table table{"What differs", {"parameter"}, {}};
  for (const Json& run : data.at("runs")) table.header.push_back(run.at("name"));
  for (const Json& one : data.at("configuration")) {
    std::vector<Json>& row = table.rows.emplace_back();
    row.push_back(one.at("key"));
    for (const Json& value : one.at("values")) row.push_back(value);
  }
  return table;
}

/// Columns of a layer that is held against float32: name, and where its value stands.
constexpr std::pair<const char*, const char*> kLikeness[] = {
    {"layer", "/layer"},
    {"operator", "/operator"},
    {"weight_bits", "/weight_bits"},
    {"bits", "/bits"},
    {"output_sqnr_db", "/output_alone/sqnr_db"},
    {"output_cosine", "/output_alone/cosine"},
    {"top1_change", "/top1_change"},
    {"alone_sqnr_db", "/alone/sqnr_db"},
    {"alone_cosine", "/alone/cosine"},
    {"cumulative_sqnr_db", "/cumulative/sqnr_db"},
    {"cumulative_cosine", "/cumulative/cosine"},
    {"saturated", "/saturated"},
    {"range_used", "/range_used"},
    {"worst_channel", "/worst_channel/channel"},
    {"worst_channel_sqnr_db", "/worst_channel/sqnr_db"}};

Table likeness_table(const Json& result) {
  Table table{"Layers, the most damaging first", {}, {}};
  for (const auto& [name, _] : kLikeness) table.header.push_back(name);
  for (const Json& layer : result.at("layers")) {
    std::vector<Json>& row = table.rows.emplace_back();
    for (const auto& [_, pointer] : kLikeness)
      row.push_back(layer.value(Json::json_pointer(pointer), Json()));
  }
  return table;
}

Table points_table(const Json& data) {
  Table table{"Points", {}, std::vector<std::vector<Json>>(data.at("rows").get<size_t>())};
  for (const Json& column : data.at("columns")) {
    table.header.push_back(column.at("key"));
    const bool coded = column.contains("words");
    const Json& values = column.at(coded ? "codes" : "values");
    for (size_t row = 0; row < table.rows.size(); ++row)
      table.rows[row].push_back(coded && !values[row].is_null()
                                    ? column.at("words").at(values[row].get<size_t>())
                                    : values[row]);
  }
  return table;
}

/// The main one last.
std::vector<Table> tables_of(const Json& data) {
  const auto kind = data.at("kind").get<std::string>();
  if (kind == "points") return {points_table(data)};
  if (kind == "layers") return {likeness_table(data.at("result"))};
  std::vector<std::pair<std::string, const Json*>> results;
  if (kind == "run") {
    const Json& result = data.at("result");
    if (result.at("status") != "finished") return {layers_table(result)};
    results.emplace_back("value", &result);
    return {totals_table(results), layers_table(result)};
  }
  for (const Json& run : data.at("runs")) results.emplace_back(run.at("name"), &run.at("result"));
  return {totals_table(results), configuration_table(data), compared_layers_table(data)};
}

std::string plain_text(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What Markdown would read as something else is escaped; a command between ` stays one.
std::string markdown_text(std::string_view text) {
  std::string escaped;
  bool is_command = false;
  for (const char c : text) {
    if (c == '`') is_command = !is_command;
    if (!is_command && std::string_view("|*_<>[]\\").find(c) != std::string_view::npos)
      escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string cell_text(const Json& value) {
  if (value.is_number_integer()) return cycles_text(value.get<int64_t>());
  if (value.is_number()) return number_text(value.get<double>());
  return markdown_text(report::printable(plain_text(value)));
}

std::string markdown_table(const Table& table) {
  std::string text = fmt::format("\n## {}\n\n", table.title);
  const auto line = [&](const std::vector<std::string>& cells) {
    text += fmt::format("| {} |\n", fmt::join(cells, " | "));
  };
  std::vector<std::string> cells;
  for (const std::string& name : table.header) cells.push_back(cell_text(name));
  line(cells);
  cells.clear();
  for (size_t i = 0; i < table.header.size(); ++i)
    cells.push_back(!table.rows.empty() && table.rows[0][i].is_number() ? "---:" : "---");
  line(cells);
  for (const std::vector<Json>& row : table.rows) {
    cells.clear();
    for (const Json& value : row) cells.push_back(cell_text(value));
    line(cells);
  }
  return text;
}

}  // namespace

std::string csv_of(const Json& data) {
  const Table table = tables_of(data).back();
  std::string text;
  const auto line = [&](const auto& cells, const auto& word) {
    std::vector<std::string> fields;
    for (const auto& cell : cells) fields.push_back(report::csv_field(word(cell)));
    text += fmt::format("{}\n", fmt::join(fields, ","));
  };
  line(table.header, [](const std::string& name) { return name; });
  for (const auto& row : table.rows) line(row, plain_text);
  return text;
}

std::string markdown_of(const Json& data) {
  std::string text = fmt::format("# {}\n", cell_text(data.at("title")));
  for (const Json& sentence : data.at("answer"))
    text += fmt::format("\n{}\n", cell_text(sentence.at("text")));
  for (const Table& table : tables_of(data))
    if (!table.rows.empty()) text += markdown_table(table);
  return text;
}

}  // namespace systole::report_page
