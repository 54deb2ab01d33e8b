// SPDX-License-Identifier: Apache-2.0
// All points, for programs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/format.h"
#include "sim/search/report.h"

namespace systole::search {
namespace {

bool in_front(const SearchReport& report, size_t i) {
  const auto& front = report.result.front;
  return std::find(front.begin(), front.end(), i) != front.end();
}

nlohmann::ordered_json point_json(const SearchReport& report, size_t i) {
  const SearchPoint& point = report.result.points[i];
  nlohmann::ordered_json json = {{"point", i}, {"phase", point.phase}};
  auto widths = nlohmann::ordered_json::array();
  for (const LayerChoice& layer : point.choice) {
    widths.push_back({{"weights", layer.weights}, {"activations", layer.activations}});
    if (layer.prune != 0) widths.back()["prune"] = report.prunes[layer.prune - 1];
  }
  json["layers"] = widths;
  if (!point.failure.empty()) {
    json["failure"] = report::printable(point.failure);
    return json;
  }
  const Figures& f = point.figures;
  json["top1"] = percent(static_cast<double>(f.right), report.options.images);
  json["credited_top1"] = percent(report.result.credit[i], report.options.images);
  json["divergence"] = f.divergence;
  json["cycles"] = f.cycles;
  json["latency_ms"] = static_cast<double>(f.cycles) / report.clock_mhz * 1e-3;
  json["dram_bytes"] = f.dram_bytes;
  if (!report.energy_table.empty()) json["energy_per_inference_uj"] = f.energy_uj;
  json["front"] = in_front(report, i);
  json["within_bound"] = is_within_bound(report.result, i);
  return json;
}

}  // namespace

nlohmann::ordered_json search_json(const SearchReport& report) {
  const uint64_t images = report.options.images;
  nlohmann::ordered_json json = {
      {"schema", "systole.search"},
      {"schema_version", 1},
      {"network", report::printable(report.network)},
      {"architecture", report::printable(report.arch)},
      {"objective", report.objective},
      {"batch", report.batch},
      {"calibration_method", report.range_method},
      {"bias_correction", report.bias_correction},
      {"calibration_images", images},
      {"max_loss_points", report.options.max_loss},
      {"float32_top1", percent(static_cast<double>(report.float32_right), images)}};
  if (!report.energy_table.empty()) json["energy_table"] = report.energy_table;
  auto names = nlohmann::ordered_json::array();
  for (const std::string& layer : report.layers) names.push_back(report::printable(layer));
  json["layers"] = names;
  if (report.is_joint()) {
    json["prunes"] = report.prunes;
    json["narrow_inputs"] = report.narrow_inputs;
    json["seed"] = report.seed;
    json["chosen_prune"] = prune_requests(report, report.result.chosen);
    json["front_of_widths"] = front_of_widths(report);
  }
  json["chosen"] = report.result.chosen;
  json["front"] = report.result.front;
  auto points = nlohmann::ordered_json::array();
  for (size_t i = 0; i < report.result.points.size(); ++i) points.push_back(point_json(report, i));
  json["points"] = points;
  if (!report.test) return json;
  auto rows = nlohmann::ordered_json::array();
  for (const SearchTest::Row& row : report.test->rows)
    rows.push_back({{"point", row.point},
                    {"top1", percent(static_cast<double>(row.right), report.test->images)}});
  json["test"] = {{"images", report.test->images},
                  {"float32_top1",
                   percent(static_cast<double>(report.test->float32_right), report.test->images)},
                  {"points", rows}};
  return json;
}

std::string search_csv(const SearchReport& report) {
  std::string text =
      "point,phase,top1,credited_top1,divergence,cycles,latency_ms,dram_bytes,energy_per_inference_"
      "uj,front,"
      "within_bound,failure";
  for (const std::string& layer : report.layers)
    text += "," + report::csv_field(report::printable(layer));
  text += "\n";
  for (size_t i = 0; i < report.result.points.size(); ++i) {
    const nlohmann::ordered_json point = point_json(report, i);
    std::vector<std::string> fields;
    for (const char* key :
         {"point", "phase", "top1", "credited_top1", "divergence", "cycles", "latency_ms",
          "dram_bytes", "energy_per_inference_uj", "front", "within_bound", "failure"}) {
      const auto field = point.find(key);
      const bool is_text = field != point.end() && field->is_string();
      fields.push_back(field == point.end() ? ""
                       : is_text            ? report::csv_field(field->get<std::string>())
                                            : field->dump());
    }
    for (const LayerChoice& layer : report.result.points[i].choice)
      fields.push_back(layer_text(report, layer));
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

}  // namespace systole::search
