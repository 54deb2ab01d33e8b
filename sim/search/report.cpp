// SPDX-License-Identifier: Apache-2.0
// Tables of points.
#include "sim/search/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "sim/report/format.h"

namespace systole::search {
namespace {

double percent(double right, uint64_t images) {
  return 100.0 * right / static_cast<double>(images);
}

std::string text_of(const quant::LayerWidths& widths) {
  return fmt::format("w{}a{}", widths.weights, widths.activations);
}

std::string point_header() {
  return fmt::format("{:>5}  {:>13} {:>7} {:>10} {:>10} {:>8} {:>8} {:>10}  {}\n", "point",
                     "cycles", "cost", "DRAM", "energy", "top-1", "credit", "divergence", "layers");
}

std::string point_row(const SearchReport& report, size_t index) {
  const SearchPoint& point = report.result.points[index];
  const Figures& f = point.figures;
  const Objective objective = report.options.objective;
  const double of_widest = report.result.points[0].figures.cost(objective);
  return fmt::format(
      "{:>5}{:<1} {:>13} {:>7.3f} {:>10} {:>10} {:>6.2f} % {:>6.2f} % {:>10.4f}  {}\n", index,
      index == report.result.chosen ? "*" : "", report::with_commas(f.cycles),
      f.cost(objective) / of_widest, report::bytes_text(f.dram_bytes),
      report.energy_table.empty() ? "-" : fmt::format("{:.4g} uJ", f.energy_uj),
      percent(static_cast<double>(f.right), report.options.images),
      percent(report.result.credit[index], report.options.images), f.divergence,
      widths_summary(point.choice));
}

std::string chosen_text(const SearchReport& report) {
  std::string text = fmt::format("chosen: point {}\n{:<40} {:>7} {:>11}\n", report.result.chosen,
                                 "layer", "weights", "activations");
  const Choice& choice = report.result.points[report.result.chosen].choice;
  for (size_t i = 0; i < choice.size(); ++i)
    text += fmt::format("{:<40} {:>7} {:>11}\n", report::fit(report.layers[i], 40),
                        choice[i].weights, choice[i].activations);
  return text;
}

std::string test_text(const SearchReport& report) {
  const SearchTest& test = *report.test;
  std::string text = fmt::format(
      "test: {} images that the search did not see\n{:<20} {:>5} {:>13} {:>7} {:>8}\n{:<20} {:>5} "
      "{:>13} {:>7} {:>6.2f} %\n",
      report::with_commas(test.images), "", "point", "cycles", "cost", "top-1", "float32", "", "",
      "", percent(static_cast<double>(test.float32_right), test.images));
  const Objective objective = report.options.objective;
  const double of_widest = report.result.points[0].figures.cost(objective);
  for (const SearchTest::Row& row : test.rows) {
    const Figures& f = report.result.points[row.point].figures;
    text += fmt::format("{:<20} {:>5} {:>13} {:>7.3f} {:>6.2f} %\n", row.name, row.point,
                        report::with_commas(f.cycles), f.cost(objective) / of_widest,
                        percent(static_cast<double>(row.right), test.images));
  }
  return text;
}

bool in_front(const SearchReport& report, size_t i) {
  const auto& front = report.result.front;
  return std::find(front.begin(), front.end(), i) != front.end();
}

bool within_bound(const SearchReport& report, size_t i) {
  return report.result.credit[i] >= static_cast<double>(report.result.least_right);
}

nlohmann::ordered_json point_json(const SearchReport& report, size_t i) {
  const SearchPoint& point = report.result.points[i];
  nlohmann::ordered_json json = {{"point", i}, {"phase", point.phase}};
  auto widths = nlohmann::ordered_json::array();
  for (const quant::LayerWidths& layer : point.choice)
    widths.push_back({{"weights", layer.weights}, {"activations", layer.activations}});
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
  json["within_bound"] = within_bound(report, i);
  return json;
}

}  // namespace

std::string widths_summary(const Choice& choice) {
  std::map<std::pair<int, int>, int> counts;  // narrow last
  for (const quant::LayerWidths& widths : choice) ++counts[{-widths.activations, -widths.weights}];
  std::vector<std::string> parts;
  for (const auto& [key, count] : counts)
    parts.push_back(fmt::format("{} {}", count, text_of({-key.second, -key.first})));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string uniform_name(const SearchReport& report, size_t point) {
  if (point == 0) return "int8";
  // Of the layers that may be narrow some keep their activations: the narrowest tell.
  quant::LayerWidths narrowest;
  for (const quant::LayerWidths& widths : report.result.points[point].choice) {
    narrowest.weights = std::min(narrowest.weights, widths.weights);
    narrowest.activations = std::min(narrowest.activations, widths.activations);
  }
  return "uniform " + text_of(narrowest);
}

std::vector<SearchTest::Row> test_points(const SearchReport& report) {
  const SearchResult& result = report.result;
  const auto cost = [&](size_t i) {
    return result.points[i].figures.cost(report.options.objective);
  };
  std::vector<SearchTest::Row> rows;
  for (const size_t uniform : result.uniform) {
    rows.push_back({uniform_name(report, uniform), uniform, 0});
    if (uniform == 0) continue;
    const SearchPoint* best = nullptr;
    for (const size_t i : result.front)
      if (cost(i) <= cost(uniform)) best = &result.points[i];  // cheapest first: accuracy rises
    const auto index = static_cast<size_t>(best - result.points.data());
    if (best != nullptr && index != uniform) rows.push_back({"  no dearer", index, 0});
  }
  rows.push_back({"chosen", result.chosen, 0});
  return rows;
}

std::string search_text(const SearchReport& report) {
  const SearchResult& result = report.result;
  const uint64_t images = report.options.images;
  std::string text = fmt::format(
      "{} points tried; top-1 of {} calibration images: float32 {:.2f} %, int8 {:.2f} %, wanted "
      "{:.2f} % at least\n\nfront of top-1 against {}, cheapest first (cost: of int8; *: "
      "chosen)\n",
      result.points.size(), report::with_commas(images),
      percent(static_cast<double>(report.float32_right), images),
      percent(static_cast<double>(result.points[0].figures.right), images),
      percent(static_cast<double>(result.least_right), images), report.objective);
  text += point_header();
  for (const size_t i : result.front) text += point_row(report, i);
  text += "\none width for all layers that may be narrow\n" + point_header();
  for (const size_t i : result.uniform) text += point_row(report, i);
  text += "\n" + chosen_text(report);
  if (report.test) text += "\n" + test_text(report);
  return text;
}

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
    for (const quant::LayerWidths& widths : report.result.points[i].choice)
      fields.push_back(text_of(widths));
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

}  // namespace systole::search
