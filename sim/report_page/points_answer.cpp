// SPDX-License-Identifier: Apache-2.0
// Words points.
#include "sim/report_page/points_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "sim/report/clock.h"
#include "sim/report_page/point_words.h"

namespace systole::report_page {
namespace {

constexpr size_t kCasesTold = 3;
constexpr double kNearTop1 = 1;  // points

std::string count_text(size_t count) { return cycles_text(static_cast<int64_t>(count)); }

/// Rows that may be compared and have a value in each of `columns`.
std::vector<size_t> good_rows(const Points& points, const PointCase& one,
                              const std::vector<const PointColumn*>& columns) {
  std::vector<size_t> rows;
  std::copy_if(one.rows.begin(), one.rows.end(), std::back_inserter(rows), [&](size_t row) {
    return points.is_good(row) &&
           std::all_of(columns.begin(), columns.end(), [&](const PointColumn* column) {
             return column != nullptr && column->values[row].is_number();
           });
  });
  return rows;
}

/// Small is good.
double cost(const PointColumn& column, size_t row) {
  const auto value = column.values[row].get<double>();
  return column.wanted == Wanted::kHigh ? -value : value;
}

/// The rows with the best and the worst value.
std::pair<size_t, size_t> best_and_worst(const PointColumn& column,
                                         const std::vector<size_t>& rows) {
  const auto [best, worst] = std::minmax_element(rows.begin(), rows.end(), [&](size_t a, size_t b) {
    return cost(column, a) < cost(column, b);
  });
  return {*best, *worst};
}

/// Rows that no other one beats in both figures, the best of `x` first.
std::vector<size_t> front_of(const PointColumn& x, const PointColumn& y, std::vector<size_t> rows) {
  std::stable_sort(rows.begin(), rows.end(), [&](size_t a, size_t b) {
    return std::pair(cost(x, a), cost(y, a)) < std::pair(cost(x, b), cost(y, b));
  });
  std::vector<size_t> front;
  double best = std::numeric_limits<double>::infinity();
  for (const size_t row : rows)
    if (cost(y, row) < best) {
      best = cost(y, row);
      front.push_back(row);
    }
  return front;
}

/// Of points that were classified with, those that classify about as well as the best: which that
/// is.
std::string keep_near_top1(Words& words, const PointCase& one, std::vector<size_t>& rows) {
  const PointColumn* top1 = words.points.find("top1");
  if (top1 == nullptr || good_rows(words.points, one, {top1}).empty()) return "";
  std::erase_if(rows, [&](size_t row) { return !top1->values[row].is_number(); });
  const size_t best = best_and_worst(*top1, rows).first;
  const double bound = top1->values[best].get<double>() - kNearTop1;
  std::erase_if(rows, [&](size_t row) { return top1->values[row].get<double>() < bound; });
  return fmt::format(" within {} point of the best top-1, {},", kNearTop1,
                     words.figure(*top1, best));
}

Sentence fastest(const Points& points, const PointCase& one) {
  Words words{points};
  const PointColumn* latency = points.find("latency_ms");
  std::vector<size_t> rows = good_rows(points, one, {latency});
  const std::string condition = keep_near_top1(words, one, rows);
  if (rows.empty()) {
    words.figures["/rows"] = points.rows;
    return {of_case(one, fmt::format("none of {} points came to an end within the limits.",
                                     one.rows.size())),
            words.figures};
  }
  const auto [best, worst] = best_and_worst(*latency, rows);
  std::string text =
      fmt::format("the fastest of {} points{} takes {} ({})", count_text(rows.size()), condition,
                  words.figure(*latency, best), name_of(points, best));
  const double slowest = words.value(*latency, worst);
  if (slowest > latency->values[best].get<double>())
    text += fmt::format(", {} as fast as the slowest",
                        times_text(slowest / latency->values[best].get<double>()));
  if (const PointColumn* energy = points.find("energy_per_inference_uj")) {
    std::erase_if(rows, [&](size_t row) { return !energy->values[row].is_number(); });
    if (!rows.empty()) {
      const size_t least = best_and_worst(*energy, rows).first;
      text += fmt::format("; the least energy is {}", words.figure(*energy, least));
      text += least == best ? ", of the same point" : fmt::format(" ({})", name_of(points, least));
    }
  }
  return {of_case(one, text + "."), words.figures};
}

/// Of latency and top-1, area or energy, the first that points have.
Answer front_sentence(const Points& points, const PointCase& one) {
  Words words{points};
  const PointColumn* x = nullptr;
  for (const char* key : {"top1", "area_mm2", "energy_per_inference_uj"})
    if (x == nullptr) x = points.find(key);
  const PointColumn* y = points.find("latency_ms");
  const std::vector<size_t> rows = good_rows(points, one, {x, y});
  if (rows.size() < 2) return {};
  const std::vector<size_t> front = front_of(*x, *y, rows);
  std::string text = fmt::format(
      "{} of {} points no other one beats in both {} and {}: from {} and {} ({})", front.size(),
      count_text(rows.size()), x->label, y->label, words.figure(*x, front.front()),
      words.figure(*y, front.front()), name_of(points, front.front()));
  if (front.size() > 1)
    text += fmt::format(" to {} and {} ({})", words.figure(*x, front.back()),
                        words.figure(*y, front.back()), name_of(points, front.back()));
  return {{of_case(one, text + "."), words.figures}};
}

Answer bound_sentence(const Points& points) {
  const PointColumn* bound = points.find("bound_by");
  if (bound == nullptr) return {};
  std::map<std::string, size_t> counts;
  for (const Json& value : bound->values)
    if (value.is_string()) ++counts[value.get<std::string>()];
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} of {}", count, name));
  if (parts.empty()) return {};
  return {{fmt::format("Lower bounds, by the part of the machine: {}.", fmt::join(parts, ", ")),
           {{"/rows", points.rows}}}};
}

/// Whether clocks are given, and above what is derived.
Answer clock_sentence(const Points& points) {
  const PointColumn* clock = points.find("clock");
  const PointColumn* mhz = points.find("core_clock_mhz");
  const PointColumn* derived = points.find("derived_clock_mhz");
  if (clock == nullptr || mhz == nullptr) return {};
  Words words{points};
  size_t told = 0, given = 0, above = 0;
  for (size_t row = 0; row < points.rows; ++row) {
    if (!clock->values[row].is_string()) continue;
    ++told;
    if (clock->values[row] != report::kGivenClock) continue;
    ++given;
    above += derived != nullptr && derived->values[row].is_number() &&
             mhz->values[row] > derived->values[row];
  }
  if (told == 0) return {};
  words.figures["/rows"] = points.rows;
  return {{fmt::format("Clocks: given for {} of {} points, and above the one derived at the node "
                       "of the table of energies for {} of them.",
                       given, told, above),
           words.figures}};
}

Answer failures(const Points& points) {
  const auto count = [&](const char* key) {
    const PointColumn* column = points.find(key);
    return column == nullptr ? 0
                             : std::count_if(column->values.begin(), column->values.end(),
                                             [](const Json& value) { return value.is_string(); });
  };
  const auto failed = count("reason"), limited = count("limits");
  if (failed == 0 && limited == 0) return {};
  return {{fmt::format("Of {} points {} failed and {} fail a limit; the table says why.",
                       count_text(points.rows), failed, limited),
           {{"/rows", points.rows}}}};
}

}  // namespace

Answer points_answer(const Points& points) {
  if (points.rows == 0) return {{"There are no points.", {{"/rows", 0}}}};
  const std::vector<PointCase> cases = cases_of(points);
  Answer answer;
  for (size_t i = 0; i < std::min(cases.size(), kCasesTold); ++i)
    answer.push_back(fastest(points, cases[i]));
  if (cases.size() > kCasesTold)
    answer.push_back({fmt::format("These are {} of {} cases; the charts have a choice of all.",
                                  kCasesTold, cases.size()),
                      {{"/rows", points.rows}}});
  for (size_t i = 0; i < std::min(cases.size(), kCasesTold); ++i)
    for (Sentence& sentence : front_sentence(points, cases[i]))
      answer.push_back(std::move(sentence));
  for (const Answer& more : {bound_sentence(points), clock_sentence(points), failures(points)})
    answer.insert(answer.end(), more.begin(), more.end());
  return answer;
}

}  // namespace systole::report_page
