// SPDX-License-Identifier: Apache-2.0
// Tables of points.
#include "sim/search/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/report/format.h"
#include "sim/search/front.h"
#include "sim/search/policy_file.h"

namespace systole::search {
namespace {

/// Of a search for widths alone.
bool is_of_widths(const Choice& choice) {
  return std::all_of(choice.begin(), choice.end(), [](const LayerChoice& layer) {
    return layer.prune == 0 && layer.weights <= layer.activations;
  });
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
      choice_summary(report, point.choice));
}

std::string chosen_text(const SearchReport& report) {
  const bool prunes = !report.prunes.empty();
  std::string text = fmt::format("chosen: point {}\n{:<40} {:>7} {:>11}{}\n", report.result.chosen,
                                 "layer", "weights", "activations", prunes ? "  prune" : "");
  const Choice& choice = report.result.points[report.result.chosen].choice;
  for (size_t i = 0; i < choice.size(); ++i) {
    const size_t prune = choice[i].prune;
    text +=
        fmt::format("{:<40} {:>7} {:>11}{}\n", report::fit(report.layers[i], 40), choice[i].weights,
                    choice[i].activations, prune == 0 ? "" : "  " + report.prunes[prune - 1]);
  }
  const std::vector<std::string> requests = prune_requests(report, report.result.chosen);
  if (!requests.empty())
    text +=
        fmt::format("beside the policy: --prune \"{}\"\n", fmt::join(requests, "\" --prune \""));
  return text;
}

/// What the cheapest of the whole front that is no worse has, for each point of that of widths.
std::string widths_alone_text(const SearchReport& report) {
  const SearchResult& result = report.result;
  std::string text = fmt::format(
      "\nfront of widths alone, and of all choices at no more cost\n{:>5}  {:>13} {:>8} {:>8}   "
      "{:>5}  {:>13} {:>8} {:>8}\n",
      "point", "cost", "top-1", "credit", "point", "cost", "top-1", "credit");
  const Objective objective = report.options.objective;
  const uint64_t images = report.options.images;
  const auto cells = [&](size_t i) {
    const Figures& f = result.points[i].figures;
    const double of_widest = result.points[0].figures.cost(objective);
    return fmt::format("{:>5}  {:>13.3f} {:>6.2f} % {:>6.2f} %", i, f.cost(objective) / of_widest,
                       percent(static_cast<double>(f.right), images),
                       percent(result.credit[i], images));
  };
  for (const size_t narrow : front_of_widths(report)) {
    size_t best = narrow;
    for (const size_t i : result.front)
      if (result.points[i].figures.cost(objective) <= result.points[narrow].figures.cost(objective))
        best = i;  // cheapest first: accuracy rises
    text += fmt::format("{}   {}\n", cells(narrow), best == narrow ? "the same" : cells(best));
  }
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

}  // namespace

std::string layer_text(const SearchReport& report, const LayerChoice& layer) {
  return fmt::format("w{}a{}{}", layer.weights, layer.activations,
                     layer.prune == 0 ? "" : " " + report.prunes[layer.prune - 1]);
}

std::string choice_summary(const SearchReport& report, const Choice& choice) {
  std::map<std::tuple<int, int, size_t>, int> counts;  // narrow last
  for (const LayerChoice& layer : choice)
    ++counts[{-layer.activations, -layer.weights, layer.prune}];
  std::vector<std::string> parts;
  for (const auto& [key, count] : counts) {
    const auto& [activations, weights, prune] = key;
    parts.push_back(
        fmt::format("{} {}", count, layer_text(report, {{-weights, -activations}, prune})));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> prune_requests(const SearchReport& report, size_t point) {
  std::vector<std::string> requests;
  const Choice& choice = report.result.points[point].choice;
  for (size_t layer = 0; layer < choice.size(); ++layer)
    if (choice[layer].prune != 0)
      requests.push_back(fmt::format("{}@{}", report.prunes[choice[layer].prune - 1],
                                     exact_pattern(report.layers[layer])));
  return requests;
}

std::vector<size_t> front_of_widths(const SearchReport& report) {
  std::vector<SearchPoint> points = report.result.points;
  for (SearchPoint& point : points)
    if (!is_of_widths(point.choice)) point.failure = "something else is chosen too";
  return pareto_front(points, report.result.credit, report.options.objective);
}

std::string uniform_name(const SearchReport& report, size_t point) {
  if (point == 0) return "int8";
  // Of the layers that may be narrow some keep their activations: the narrowest tell.
  quant::LayerWidths narrowest;
  for (const LayerChoice& widths : report.result.points[point].choice) {
    narrowest.weights = std::min(narrowest.weights, widths.weights);
    narrowest.activations = std::min(narrowest.activations, widths.activations);
  }
  return "uniform " + layer_text(report, {narrowest});
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
  if (report.is_joint()) {
    const auto add = [&](const std::string& name, const std::vector<size_t>& points) {
      for (const size_t i : points) rows.push_back({name, i, 0});
    };
    add("front of widths", front_of_widths(report));
    add("front of all", result.front);
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
  if (report.is_joint()) text += widths_alone_text(report);
  text += "\n" + chosen_text(report);
  if (report.test) text += "\n" + test_text(report);
  return text;
}

}  // namespace systole::search
