// SPDX-License-Identifier: Apache-2.0
// Decibels, cosines and shares of each layer.
#include "sim/report/fidelity.h"

#include <fmt/format.h>

#include "sim/report/columns.h"
#include "sim/report/format.h"

namespace systole::report {
namespace {

std::string decibels_text(const std::optional<double>& decibels) {
  return decibels ? fmt::format("{:.1f}", *decibels) : "exact";
}

std::string bits_text(const fidelity::LayerFidelity& layer) {
  if (layer.weight_bits == 0) return fmt::format("{}", layer.bits);
  return fmt::format("w{} {}", layer.weight_bits, layer.bits);
}

double percent_of(size_t part, size_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// What a label is missed or found more often, in points.
double points_lost(const fidelity::NetworkFidelity& network, const fidelity::LayerFidelity& layer) {
  return percent_of(layer.right_alone, network.items) -
         percent_of(network.right_float, network.items);
}

nlohmann::ordered_json likeness_json(const fidelity::Likeness& likeness) {
  const auto decibels = likeness.decibels();
  return {{"sqnr_db", decibels ? nlohmann::ordered_json(*decibels) : nullptr},
          {"cosine", likeness.cosine()}};
}

}  // namespace

std::string fidelity_table(const fidelity::NetworkFidelity& network, size_t width) {
  constexpr auto kRight = Column::Side::kRight;
  std::vector<Column> columns = {{"layer", Column::Side::kLeft, 0, 0, 1, 14},
                                 {"operator", Column::Side::kLeft, 0, 5, 1, 12},
                                 {"bits", Column::Side::kLeft},
                                 {"output dB", kRight}};
  if (network.has_labels) columns.push_back({"points", kRight});
  const std::vector<Column> rest = {
      {"alone dB", kRight},           {"cosine", kRight, 0, 3},    {"all dB", kRight},
      {"cosine", kRight, 0, 4},       {"saturated", kRight, 0, 1}, {"range used", kRight, 0, 2},
      {"worst channel", kRight, 0, 6}};
  columns.insert(columns.end(), rest.begin(), rest.end());
  Table table(columns);
  for (const fidelity::LayerFidelity& layer : network.layers) {
    std::vector<std::string> cells = {printable(layer.layer), printable(layer.kind),
                                      bits_text(layer),
                                      decibels_text(layer.output_alone.decibels())};
    if (network.has_labels) cells.push_back(fmt::format("{:+.2f}", points_lost(network, layer)));
    const bool sums = layer.bits == 32;
    const std::vector<std::string> others = {
        decibels_text(layer.alone.decibels()),
        fmt::format("{:.4f}", layer.alone.cosine()),
        decibels_text(layer.cumulative.decibels()),
        fmt::format("{:.4f}", layer.cumulative.cosine()),
        sums ? "-" : fmt::format("{:.2f} %", 100 * layer.saturated),
        sums ? "-" : fmt::format("{:.1f} %", 100 * layer.range_used),
        layer.worst_channel < 0
            ? "-"
            : fmt::format("{}: {}", layer.worst_channel, decibels_text(layer.worst_decibels))};
    cells.insert(cells.end(), others.begin(), others.end());
    table.add(cells);
  }
  return table.text(width);
}

nlohmann::ordered_json fidelity_json(const fidelity::NetworkFidelity& network) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const fidelity::LayerFidelity& layer : network.layers) {
    nlohmann::ordered_json row = {{"layer", printable(layer.layer)},
                                  {"operator", printable(layer.kind)},
                                  {"tensor", printable(layer.tensor)},
                                  {"weight_bits", nullptr},
                                  {"bits", layer.bits},
                                  {"output_alone", likeness_json(layer.output_alone)}};
    if (layer.weight_bits != 0) row["weight_bits"] = layer.weight_bits;
    if (network.has_labels) {
      row["top1_alone"] = percent_of(layer.right_alone, network.items) / 100;
      row["top1_change"] = points_lost(network, layer) / 100;
    }
    row["alone"] = likeness_json(layer.alone);
    row["cumulative"] = likeness_json(layer.cumulative);
    const bool sums = layer.bits == 32;
    row["saturated"] = sums ? nlohmann::ordered_json() : nlohmann::ordered_json(layer.saturated);
    row["range_used"] = sums ? nlohmann::ordered_json() : nlohmann::ordered_json(layer.range_used);
    row["worst_channel"] = nullptr;
    if (layer.worst_channel >= 0)
      row["worst_channel"] = {{"channel", layer.worst_channel}, {"sqnr_db", *layer.worst_decibels}};
    layers.push_back(std::move(row));
  }
  return layers;
}

}  // namespace systole::report
