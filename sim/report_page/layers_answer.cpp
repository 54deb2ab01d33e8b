// SPDX-License-Identifier: Apache-2.0
// The most damaging layers, what they would take, and the forms of the network.
#include "sim/report_page/layers_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace systole::report_page {
namespace {

constexpr size_t kNamed = 3;          // layers in the sentence
constexpr double kSaturated = 0.01;   // share of values beyond the codes that is worth a sentence
constexpr double kSmallRange = 0.25;  // share of the codes in use that is

std::string decibels_text(const Json& decibels) {
  return decibels.is_null() ? "nothing" : fmt::format("{:.1f} dB", decibels.get<double>());
}

/// "/conv2/Conv (conv 5x5 w2), 9.3 dB".
std::string layer_text(Figures& figures, size_t index) {
  const std::string at = fmt::format("/layers/{}/", index);
  const std::string name = figures.text(at + "layer"), kind = figures.text(at + "operator");
  return fmt::format("{} ({}), {}", name, kind,
                     decibels_text(figures.at(at + "output_alone/sqnr_db")));
}

/// Which layers do the damage, the worst first.
Sentence damage(Figures& figures, const Json& layers) {
  if (layers[0].at("output_alone").at("sqnr_db").is_null())
    return figures.sentence("No layer alone changes the output of the network.");
  std::string text =
      "With one layer quantised and all others in float32, most noise reaches the output from " +
      layer_text(figures, 0);
  const size_t named = std::min(kNamed, layers.size());
  for (size_t i = 1; i < named; ++i) text += "; then from " + layer_text(figures, i);
  return figures.sentence(text + ".");
}

/// What quantising does to the metric.
Answer forms(Figures& figures, const Json& result) {
  const Json& rows = result.at("forms");
  if (rows.empty()) return {};
  const auto metric = figures.text("/metric");
  const auto& shares = {"top-1", "top-5", "token", "exact"};
  const bool share = std::find(shares.begin(), shares.end(), metric) != shares.end();
  const auto word = [&](double value) { return share ? percent_text(value) : number_text(value); };
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string at = fmt::format("/forms/{}/", i);
    text += fmt::format("{}{} has {} {}", i == 0 ? "" : ", ", figures.text(at + "form"), metric,
                        word(figures.real(at + "value")));
    if (const Json& error = figures.at(at + "value_error"); !error.is_null())
      text += fmt::format(" +- {}", word(error.get<double>()));
  }
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return {figures.sentence(text + ".")};
}

/// The layer of which most values lie beyond the codes, and that which uses fewest of them.
Answer ranges(Figures& figures, const Json& layers) {
  Answer answer;
  size_t saturated = layers.size(), narrow = layers.size();
  const auto share = [&](size_t i, const char* key, double otherwise) {
    const Json& value = layers[i].at(key);
    return value.is_null() ? otherwise : value.get<double>();
  };
  for (size_t i = 0; i < layers.size(); ++i) {
    if (saturated == layers.size() || share(i, "saturated", 0) > share(saturated, "saturated", 0))
      saturated = i;
    if (narrow == layers.size() || share(i, "range_used", 1) < share(narrow, "range_used", 1))
      narrow = i;
  }
  const auto named = [&](size_t i) { return figures.text(fmt::format("/layers/{}/layer", i)); };
  if (share(saturated, "saturated", 0) > kSaturated) {
    const double part = figures.real(fmt::format("/layers/{}/saturated", saturated));
    answer.push_back(figures.sentence(
        fmt::format("Of the results of {}, {} lie beyond its codes: its range is too small.",
                    named(saturated), percent_text(part))));
  }
  if (share(narrow, "range_used", 1) < kSmallRange) {
    const double part = figures.real(fmt::format("/layers/{}/range_used", narrow));
    answer.push_back(figures.sentence(
        fmt::format("The results of {} reach {} of its codes: its range is too large.",
                    named(narrow), percent_text(part))));
  }
  return answer;
}

}  // namespace

Answer layers_answer(const Json& result) {
  Figures figures(result);
  const Json& layers = result.at("layers");
  Answer answer = {damage(figures, layers)};
  for (const Answer& more : {forms(figures, result), ranges(figures, layers)})
    answer.insert(answer.end(), more.begin(), more.end());
  return answer;
}

}  // namespace systole::report_page
