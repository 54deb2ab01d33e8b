// SPDX-License-Identifier: Apache-2.0
// Chooses, and tells why the others lose.
#include "sim/report_page/choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "sim/expression/expression.h"
#include "sim/report_page/commands.h"
#include "sim/report_page/point_words.h"

namespace systole::report_page {
namespace {

using expression::Expression;

constexpr size_t kRivals = 5;

struct Wish {
  const Points& all;  ///< every column
  const PointColumn* figure = nullptr;
  bool least = true;
  std::optional<Expression> condition;

  double cost(size_t row) const {
    const auto value = figure->values[row].get<double>();
    return least ? value : -value;
  }
};

std::vector<std::string> numeric_keys(const Points& points, Role role) {
  std::vector<std::string> keys;
  for (const PointColumn& column : points.columns)
    if ((role == column.role || role == Role::kName) &&
        std::any_of(column.values.begin(), column.values.end(),
                    [](const Json& value) { return value.is_number(); }))
      keys.push_back(column.key);
  return keys;
}

Wish parse(const Points& points, const std::string& text) {
  const auto refuse = [&](const std::string& what) {
    throw Error(fmt::format("--choose '{}': {}", text, what));
  };
  const size_t space = text.find(' ');
  const std::string way = text.substr(0, space);
  if ((way != "min" && way != "max") || space == std::string::npos)
    refuse("expected 'min FIGURE' or 'max FIGURE', then perhaps 'where CONDITION'");
  const size_t where = text.find(" where ");
  const std::string key =
      text.substr(space + 1, where == std::string::npos ? where : where - space - 1);
  const std::vector<std::string> figures = numeric_keys(points, Role::kFigure);
  if (std::find(figures.begin(), figures.end(), key) == figures.end())
    refuse(fmt::format("has no figure '{}', expected one of {}{}", key, fmt::join(figures, ", "),
                       did_you_mean(key, figures)));
  Wish wish{points, points.find(key), way == "min", std::nullopt};
  if (where == std::string::npos) return wish;
  try {
    wish.condition = Expression::parse(text.substr(where + 7), expression::Kind::kTruth,
                                       numeric_keys(points, Role::kName));
  } catch (const expression::SyntaxError& error) {
    refuse(error.message());
  }
  return wish;
}

expression::Lookup lookup_of(const Points& points, size_t row) {
  return [&points, row](const std::string& key) -> std::optional<double> {
    const Json& value = points.find(key)->values[row];
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
  };
}

bool keeps(const Wish& wish, size_t row) {
  return !wish.condition || wish.condition->truth(lookup_of(wish.all, row)).value_or(false);
}

/// The parts of the condition that a point fails: "area_mm2 <= 4 by 12.0 %".
std::string failed_parts(const Wish& wish, size_t row) {
  std::vector<std::string> parts;
  for (const Expression& part : wish.condition->conjuncts()) {
    if (part.truth(lookup_of(wish.all, row)).value_or(false)) continue;
    const std::optional<double> over = part.excess(lookup_of(wish.all, row));
    parts.push_back(over ? fmt::format("{} by {}", part.text(), percent_text(*over)) : part.text());
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// "12.0 % more" of `b` against `a`.
std::string change_text(double a, double b) {
  if (a == b) return "as much";
  return fmt::format("{} {}", percent_text(std::abs(b / a - 1)), b > a ? "more" : "less");
}

std::string why_not(Words& words, const Wish& wish, size_t chosen, size_t row) {
  const std::string takes =
      fmt::format("{}, {}", words.figure(*wish.figure, row),
                  change_text(words.value(*wish.figure, chosen), words.value(*wish.figure, row)));
  if (!keeps(wish, row))
    return fmt::format("{} {}, but it fails {}.", wish.figure->label, takes,
                       failed_parts(wish, row));
  std::vector<std::string> better;
  for (const char* key : {"latency_ms", "energy_per_inference_uj", "area_mm2", "top1"}) {
    const PointColumn* column = words.points.find(key);
    if (column == nullptr || column == wish.figure || !column->values[row].is_number() ||
        !column->values[chosen].is_number())
      continue;
    const double sign = column->wanted == Wanted::kHigh ? -1 : 1;
    if (sign * words.value(*column, row) < sign * words.value(*column, chosen))
      better.push_back(
          fmt::format("{} {}", column->label,
                      change_text(words.value(*column, chosen), words.value(*column, row))));
  }
  return fmt::format(
      "{} {}; {}.", wish.figure->label, takes,
      better.empty() ? "better in nothing" : fmt::format("better in {}", fmt::join(better, ", ")));
}

/// The nearest in the figure, whether they keep the condition or not.
Json rivals_of(const Points& points, const Wish& wish, std::vector<size_t> rows, size_t chosen) {
  std::erase(rows, chosen);
  const double own = wish.cost(chosen);
  std::stable_sort(rows.begin(), rows.end(), [&](size_t a, size_t b) {
    return std::abs(wish.cost(a) - own) < std::abs(wish.cost(b) - own);
  });
  rows.resize(std::min(rows.size(), kRivals));
  Json rivals = Json::array();
  for (const size_t row : rows) {
    Words words{points};
    const std::string text = why_not(words, wish, chosen, row);
    rivals.push_back({{"row", row}, {"text", text}, {"figures", words.figures}});
  }
  return rivals;
}

/// Names of what the parameters decide.
bool is_name(const PointColumn& column) {
  return column.key == "machine" || column.key == "memory";
}

/// The point that differs from `chosen` in a parameter alone.
std::optional<size_t> neighbour(const Points& points, const std::vector<size_t>& rows,
                                size_t chosen, const PointColumn& parameter, double value) {
  const auto same_but = [&](size_t row) {
    return std::all_of(points.columns.begin(), points.columns.end(),
                       [&](const PointColumn& column) {
                         return column.role != Role::kConfiguration || &column == &parameter ||
                                is_name(column) || column.values[row] == column.values[chosen];
                       });
  };
  const auto found = std::find_if(rows.begin(), rows.end(), [&](size_t row) {
    return parameter.values[row].is_number() && parameter.values[row].get<double>() == value &&
           same_but(row);
  });
  return found == rows.end() ? std::nullopt : std::optional(*found);
}

/// Every parameter of which points have several values, halved and doubled.
Json neighbours_of(const Points& points, const std::vector<size_t>& rows, size_t chosen) {
  Json neighbours = Json::array();
  for (const PointColumn& column : points.columns) {
    if (column.role != Role::kConfiguration || is_name(column) ||
        !column.values[chosen].is_number())
      continue;
    if (std::count(points.case_keys.begin(), points.case_keys.end(), column.key) > 0) continue;
    const auto value = column.values[chosen].get<double>();
    if (value == 0) continue;
    for (const double other : {value / 2, value * 2}) {
      const auto row = neighbour(points, rows, chosen, column, other);
      neighbours.push_back(
          {{"key", column.key}, {"value", other}, {"row", row ? Json(*row) : Json()}});
    }
  }
  return neighbours;
}

std::optional<size_t> baseline_of(const Points& points, const PointCase& one,
                                  const std::string& name) {
  for (const size_t row : one.rows)
    for (const char* key : {"point", "row", "machine"}) {
      const PointColumn* column = points.find(key);
      if (column == nullptr) continue;
      const Json& value = column->values[row];
      if ((value.is_string() ? value.get<std::string>() : value.dump()) == name) return row;
    }
  return std::nullopt;
}

Sentence chosen_sentence(const Points& points, const Wish& wish, const PointCase& one,
                         size_t chosen, size_t kept, const std::string& text) {
  Words words{points};
  return {of_case(one, fmt::format("of {} points {} can be chosen by '{}'; {} is, with {} {}.",
                                   cycles_text(static_cast<int64_t>(one.rows.size())),
                                   cycles_text(static_cast<int64_t>(kept)), text,
                                   name_of(points, chosen), wish.figure->label,
                                   words.figure(*wish.figure, chosen))),
          words.figures};
}

Sentence baseline_sentence(const Points& points, size_t chosen, size_t baseline) {
  Words words{points};
  std::vector<std::string> parts;
  for (const char* key : {"latency_ms", "energy_per_inference_uj", "area_mm2", "top1"}) {
    const PointColumn* column = points.find(key);
    if (column == nullptr || !column->values[chosen].is_number() ||
        !column->values[baseline].is_number())
      continue;
    parts.push_back(
        fmt::format("{} {} against {} ({})", column->label, words.figure(*column, chosen),
                    words.figure(*column, baseline),
                    change_text(words.value(*column, baseline), words.value(*column, chosen))));
  }
  return {fmt::format("Against the baseline, {}: {}.", name_of(points, baseline),
                      fmt::join(parts, "; ")),
          words.figures};
}

/// Of every point that `choice` shows, once.
Json commands_for(const Points& all, const Json& choice) {
  std::vector<size_t> rows = {choice.at("chosen").get<size_t>()};
  const auto add = [&](const Json& row) {
    if (!row.is_null() && std::find(rows.begin(), rows.end(), row.get<size_t>()) == rows.end())
      rows.push_back(row.get<size_t>());
  };
  add(choice.at("baseline"));
  for (const char* list : {"rivals", "neighbours"})
    for (const Json& one : choice.at(list)) add(one.at("row"));
  Json commands = Json::array();
  for (const size_t row : rows)
    if (const auto own = commands_of(all, row); !own.empty())
      commands.push_back({{"row", row}, {"commands", own}});
  return commands;
}

}  // namespace

Json choose_points(const Points& all, const Points& points, const ChoiceRequest& request,
                   Answer& answer) {
  const Wish wish = parse(all, request.choose);
  Json choices = Json::array();
  Answer first;
  bool has_baseline = request.baseline.empty();
  const std::vector<PointCase> cases = cases_of(points);
  for (size_t i = 0; i < cases.size(); ++i) {
    std::vector<size_t> rows;
    std::copy_if(
        cases[i].rows.begin(), cases[i].rows.end(), std::back_inserter(rows),
        [&](size_t row) { return points.is_good(row) && wish.figure->values[row].is_number(); });
    std::vector<size_t> kept;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(kept),
                 [&](size_t row) { return keeps(wish, row); });
    const auto baseline = baseline_of(all, cases[i], request.baseline);
    has_baseline = has_baseline || baseline.has_value();
    if (kept.empty()) continue;
    const size_t chosen = *std::min_element(
        kept.begin(), kept.end(), [&](size_t a, size_t b) { return wish.cost(a) < wish.cost(b); });
    first.push_back(chosen_sentence(points, wish, cases[i], chosen, kept.size(), request.choose));
    if (baseline) first.push_back(baseline_sentence(points, chosen, *baseline));
    choices.push_back({{"case", i},
                       {"chosen", chosen},
                       {"baseline", baseline ? Json(*baseline) : Json()},
                       {"rivals", rivals_of(points, wish, rows, chosen)},
                       {"neighbours", neighbours_of(points, rows, chosen)}});
    choices.back()["commands"] = commands_for(all, choices.back());
  }
  if (choices.empty())
    throw Error(
        fmt::format("--choose '{}': no point keeps it, of {}", request.choose, points.rows));
  if (!has_baseline)
    throw Error(fmt::format("--baseline '{}': is no point and no machine of {}", request.baseline,
                            points.name));
  answer.insert(answer.begin(), first.begin(), first.end());
  return choices;
}

}  // namespace systole::report_page
