// SPDX-License-Identifier: Apache-2.0
// Scores item by item.
#include "sim/metric/metric.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "compiler/fidelity/likeness.h"
#include "model/base/error.h"

namespace systole::metric {
namespace {

constexpr size_t kFive = 5;

std::span<const int> labels_of(const data::Dataset& data, size_t item) {
  if (!data.token_labels.empty()) return data.token_labels[item];
  return {&data.labels[item], 1};
}

/// How many elements stand before `label` in the order of their size; equals in that of their
/// index.
size_t rank_of(std::span<const float> scores, size_t label) {
  size_t rank = 0;
  for (size_t k = 0; k < scores.size(); ++k)
    rank +=
        static_cast<size_t>(scores[k] > scores[label] || (scores[k] == scores[label] && k < label));
  return rank;
}

/// Of the probability that the softmax of `logits` gives `label`.
double negative_log(std::span<const float> logits, int label) {
  double greatest = -INFINITY, sum = 0;
  for (const float logit : logits) greatest = std::max(greatest, double{logit});
  for (const float logit : logits) sum += std::exp(double{logit} - greatest);
  return greatest + std::log(sum) - double{logits[static_cast<size_t>(label)]};
}

bool are_probabilities(std::span<const float> values) {
  constexpr double kNear = 1e-3;
  const bool any_below = std::any_of(values.begin(), values.end(), [](float v) { return v < 0; });
  return !any_below && std::abs(std::accumulate(values.begin(), values.end(), -1.0)) < kNear;
}

double one_if(bool is) { return is ? 1 : 0; }

bool is_among(std::span<const float> scores, int label, size_t best) {
  const auto at = static_cast<size_t>(label);
  return at < scores.size() && !std::isnan(scores[at]) && rank_of(scores, at) < best;
}

void check_tokens(const std::string& what, const data::Dataset& data,
                  const std::vector<int64_t>& shape) {
  const int64_t classes = shape.empty() ? 1 : shape.back();
  int64_t tokens = 1;
  for (size_t k = 0; k + 1 < shape.size(); ++k) tokens *= shape[k];
  const auto each = static_cast<int64_t>(labels_of(data, 0).size());
  if (each != tokens)
    throw Error(
        fmt::format("{}: holds {} labels an item, the output [{}] has {} tokens of {} "
                    "classes",
                    what, each, fmt::join(shape, ", "), tokens, classes));
  bool any = false;
  const size_t items = std::max(data.labels.size(), data.token_labels.size());
  for (size_t i = 0; i < items; ++i) {
    for (const int label : labels_of(data, i)) {
      if (label >= classes)
        throw Error(fmt::format("{}: a label of item {} is {}, the output has {} classes", what, i,
                                label, classes));
      any = any || label >= 0;
    }
  }
  if (!any) throw Error(what + ": every label is negative, there is none that counts");
}

}  // namespace

const std::map<std::string, Metric>& metrics() {
  static const std::map<std::string, Metric> all = {
      {"top-1", Metric::kTop1},
      {"top-5", Metric::kTop5},
      {"token", Metric::kToken},
      {"exact", Metric::kExact},
      {"perplexity", Metric::kPerplexity},
      {"mean-error", Metric::kMeanError},
      {"cosine", Metric::kCosine},
      {"snr", Metric::kSnr},
  };
  return all;
}

std::string name_of(Metric metric) {
  for (const auto& [name, one] : metrics())
    if (one == metric) return name;
  return "";
}

bool needs_labels(Metric metric) { return metric <= Metric::kPerplexity; }
bool is_share(Metric metric) { return metric <= Metric::kExact; }

void check_labels(Metric metric, const data::Dataset& data, const std::vector<int64_t>& shape,
                  const std::string& file) {
  if (!needs_labels(metric)) return;
  if (data.labels.empty() && data.token_labels.empty())
    throw Error(file + ": labels: missing, accuracy needs one for each image");
  if (metric >= Metric::kToken) return check_tokens(file + ": labels", data, shape);
  if (!data.token_labels.empty())
    throw Error(
        fmt::format("{}: labels: holds {} an item, {} takes one, expected --metric token, "
                    "exact or perplexity",
                    file, data.token_labels[0].size(), name_of(metric)));
}

void check_output(Metric metric, const data::Dataset& data, const std::vector<float>& output) {
  if (metric != Metric::kPerplexity || output.empty()) return;
  const size_t tokens = labels_of(data, 0).size(), classes = output.size() / tokens;
  for (size_t t = 0; t < tokens; ++t)
    if (!are_probabilities(std::span(output).subspan(t * classes, classes))) return;
  throw Error(
      "--metric perplexity: the network gives probabilities (they sum to 1), expected "
      "logits: leave out its softmax");
}

Score score(Metric metric, const data::Dataset& data, size_t item,
            const std::vector<float>& output) {
  const std::span<const float> all = output;
  if (metric == Metric::kTop1) return {one_if(is_among(all, data.labels[item], 1))};
  if (metric == Metric::kTop5) return {one_if(is_among(all, data.labels[item], kFive))};
  const std::span<const int> labels = labels_of(data, item);
  const size_t classes = output.size() / labels.size();
  Score tokens{0, 0};
  for (size_t t = 0; t < labels.size(); ++t) {
    if (labels[t] < 0) continue;
    const std::span<const float> token = all.subspan(t * classes, classes);
    tokens.weight += 1;
    tokens.value += metric == Metric::kPerplexity ? negative_log(token, labels[t])
                                                  : one_if(is_among(token, labels[t], 1));
  }
  if (metric != Metric::kExact) return tokens;
  return {one_if(tokens.weight > 0 && tokens.value == tokens.weight), one_if(tokens.weight > 0)};
}

Score score(Metric metric, const std::vector<float>& exact, const std::vector<float>& given) {
  double signal = 0, noise = 0, off = 0;
  fidelity::Likeness likeness;
  likeness.add(exact, given);
  for (size_t k = 0; k < exact.size(); ++k) {
    const double y = exact[k], difference = given[k] - y;
    signal += y * y;
    noise += difference * difference;
    off += std::abs(difference);
  }
  if (metric == Metric::kSnr) return {signal, noise};
  if (metric == Metric::kCosine) return {likeness.cosine()};
  return {off / static_cast<double>(std::max<size_t>(exact.size(), 1))};
}

Figure figure_of(Metric metric, const Scores& scores) {
  if (metric == Metric::kPerplexity) return exponential_of(scores);
  return metric == Metric::kSnr ? decibels_of(scores) : figure_of(scores);
}

Figure change_of(Metric metric, const Scores& before, const Scores& after) {
  return metric == Metric::kPerplexity ? change_of_exponentials(before, after)
                                       : change_of(before, after);
}

}  // namespace systole::metric
