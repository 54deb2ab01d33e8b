// SPDX-License-Identifier: Apache-2.0
// Means of inputs, and of the rounding errors that weigh them.
#include "compiler/quant/bias_correction.h"

#include <cmath>

namespace systole::quant {

bool rounds_weights(const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  return conv != nullptr && !conv->keeps_scale && !conv->states_integers();
}

/// Adds what it sees to a sum, and shows it to an observer of ranges.
class InputMeans::Watcher : public RangeObserver {
 public:
  Watcher(std::unique_ptr<RangeObserver> range, Sum& sum) : range_(std::move(range)), sum_(sum) {}
  void observe(const std::vector<float>& elements) override {
    range_->observe(elements);
    sum_.elements.resize(elements.size());
    for (size_t i = 0; i < elements.size(); ++i) sum_.elements[i] += elements[i];
    ++sum_.items;
  }
  ValueRange range() const override { return range_->range(); }

 private:
  const std::unique_ptr<RangeObserver> range_;
  Sum& sum_;
};

InputMeans::InputMeans(const graph::Graph& graph) : sums_(graph.values.size()) {
  for (const graph::Node& node : graph.nodes)
    if (rounds_weights(node)) sums_.at(static_cast<size_t>(node.inputs[0])).wanted = true;
}

RangeObserverFactory InputMeans::watched(RangeObserverFactory method) {
  return [this, method = std::move(method)](size_t value) -> std::unique_ptr<RangeObserver> {
    Sum& sum = sums_.at(value);
    if (!sum.wanted) return method(value);
    return std::make_unique<Watcher>(method(value), sum);
  };
}

std::vector<double> InputMeans::of(graph::ValueId value) const {
  const Sum& sum = sums_.at(static_cast<size_t>(value));
  std::vector<double> mean = sum.elements;
  for (double& element : mean) element /= static_cast<double>(sum.items);
  return mean;
}

namespace {

/// What each tap [c][kh][kw] of the window meets, averaged over output positions.
std::vector<double> tap_means(const graph::Window& w, const graph::Chw& in, const graph::Chw& out,
                              const std::vector<double>& mean) {
  std::vector<double> taps;
  taps.reserve(static_cast<size_t>(in.c * w.kh * w.kw));
  for (int64_t c = 0; c < in.c; ++c) {
    for (int64_t y = 0; y < w.kh; ++y) {
      for (int64_t x = 0; x < w.kw; ++x) {
        double sum = 0;
        for (int64_t i = 0; i < out.h; ++i) {
          const int64_t h = i * w.stride_h - w.pad_top + y * w.dil_h;
          if (h < 0 || h >= in.h) continue;
          const double* row = mean.data() + (c * in.h + h) * in.w;
          for (int64_t j = 0; j < out.w; ++j) {
            const int64_t v = j * w.stride_w - w.pad_left + x * w.dil_w;
            if (v >= 0 && v < in.w) sum += row[v];
          }
        }
        taps.push_back(sum / static_cast<double>(out.h * out.w));
      }
    }
  }
  return taps;
}

}  // namespace

std::vector<double> mean_shift(const graph::Conv& conv, const graph::Chw& in, const graph::Chw& out,
                               const std::vector<double>& mean, const QuantisedWeights& weights) {
  const std::vector<double> met = tap_means(conv.window, in, out, mean);
  const auto outputs = static_cast<size_t>(out.c);
  const size_t taps = conv.weights.size() / outputs;
  const size_t outputs_of_group = outputs / static_cast<size_t>(conv.group);
  std::vector<double> shift;
  for (size_t o = 0; o < outputs; ++o) {
    const double* from = met.data() + o / outputs_of_group * taps;
    const double scale = weights.weight_scale[o];
    double sum = 0;
    for (size_t t = 0; t < taps; ++t) {
      const size_t at = o * taps + t;
      sum += (scale * weights.weights[at] - conv.weights[at]) * from[t];
    }
    shift.push_back(sum);
  }
  return shift;
}

void correct_bias(const std::string& layer, const std::vector<double>& shift, const Affine& x,
                  QuantisedWeights& weights) {
  const size_t taps = weights.weights.size() / shift.size();
  for (size_t o = 0; o < shift.size(); ++o) {
    const int64_t corrected =
        weights.bias[o] - std::llrint(shift[o] / (double{x.scale} * weights.weight_scale[o]));
    prove_no_overflow(layer, o, weights.weights.data() + o * taps, taps, corrected);
    weights.bias[o] = static_cast<int32_t>(corrected);
  }
}

}  // namespace systole::quant
