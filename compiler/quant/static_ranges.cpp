// SPDX-License-Identifier: Apache-2.0
// Interval arithmetic over the operators that are no convolutions.
#include "compiler/quant/static_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/quant/scale_sources.h"
#include "compiler/quant/sums.h"
#include "model/base/ceil_div.h"

namespace systole::quant {

namespace {

using Range = std::optional<ValueRange>;

ValueRange of_codes(const graph::Codes& codes) {
  return {static_cast<float>(codes.lo - codes.zero) * codes.scale,
          static_cast<float>(codes.hi - codes.zero) * codes.scale};
}

ValueRange united(const ValueRange& a, const ValueRange& b) {
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

ValueRange sum(const ValueRange& a, const ValueRange& b) { return {a.lo + b.lo, a.hi + b.hi}; }

ValueRange product(const ValueRange& a, const ValueRange& b) {
  const auto [lo, hi] = std::minmax({a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi});
  return {lo, hi};
}

/// Of what is in `in` and clamped to [lo, hi], by samples, of which every code is one if `in` is
/// the range of codes in so many `steps`. None if the function has a pole at one, as a division by
/// what may be 0 has.
Range image(const graph::Function& f, const ValueRange& in, int steps,
            float lo = -std::numeric_limits<float>::infinity(),
            float hi = std::numeric_limits<float>::infinity()) {
  constexpr int kSamples = 255 * 16;
  const int samples = ceil_div(kSamples, steps) * steps;
  const double step = (double{in.hi} - in.lo) / samples;
  ValueRange out;
  for (int i = 0; i <= samples; ++i) {
    const double sample = in.lo + step * i;
    const double at =
        std::clamp(std::fabs(sample) < step / 8 ? 0.0 : sample, double{lo}, double{hi});
    const auto y = static_cast<float>(f(at));
    if (!std::isfinite(y)) return std::nullopt;
    out = united(out, {y, y});
  }
  return out;
}

class Walk {
 public:
  explicit Walk(const graph::Graph& graph) : graph_(graph), ranges_(graph.values.size()) {}

  std::vector<Range> run() {
    for (const graph::ValueId in : graph_.inputs) settle(in, std::nullopt);
    for (const graph::Node& node : graph_.nodes) {
      Range range = computed(node);
      const Range sampled = range;
      if (range) {
        range->lo = std::clamp(range->lo, node.lo, node.hi);
        range->hi = std::clamp(range->hi, node.lo, node.hi);
      }
      if (node.before != graph::kNoValue) settle(node.before, range);
      if (range && node.function)
        range = node.before == graph::kNoValue
                    ? image(*node.function, *sampled, steps_of(node.inputs[0]), node.lo, node.hi)
                    : image(*node.function, *of(node.before), steps_of(node.before));
      settle(node.output, range);
    }
    return std::move(ranges_);
  }

 private:
  /// Between the codes of `v`; of what has none, as of bytes.
  int steps_of(graph::ValueId v) const {
    const auto& codes = graph_.codes(v);
    return codes && codes->hi > codes->lo ? codes->hi - codes->lo : 255;
  }

  const Range& of(graph::ValueId v) const { return ranges_[static_cast<size_t>(v)]; }

  void settle(graph::ValueId v, const Range& range) {
    const auto& codes = graph_.codes(v);
    ranges_[static_cast<size_t>(v)] = codes ? of_codes(*codes) : range;
  }

  /// Before the node's clamp and function.
  Range computed(const graph::Node& node) const {
    const auto* conv = node.if_is<graph::Conv>();
    const bool sums = conv != nullptr && !conv->keeps_scale;
    if (sums && states_products(node)) return std::nullopt;
    Range range = of(node.inputs[0]);
    for (const graph::ValueId in : node.inputs)
      if (!of(in)) return std::nullopt;
    if (sums) range = weighted(*conv, *range);
    if (const auto* combine = node.if_is<graph::Combine>())
      return combine->by == graph::Combination::kMul ? Range(product(*range, *of(node.inputs[1])))
                                                     : std::nullopt;
    if (node.is<graph::Concat, graph::Interleave>()) {
      for (const graph::ValueId in : node.inputs) range = united(*range, *of(in));
      return range;
    }
    const float pad = pad_value_of(node.op), factor = factor_of(node.op);
    if (is_padded(node.op)) range = united(*range, {pad, pad});
    if (const auto* by = node.if_is<graph::ScaleShift>()) range = scaled(*by, *range);
    if (node.inputs.size() == 2) range = sum(*range, *of(node.inputs[1]));
    return product(*range, {factor, factor});
  }

  /// Of all sums of weights times values in `in`, and the bias.
  static ValueRange weighted(const graph::Conv& conv, const ValueRange& in) {
    const size_t taps = conv.taps();
    ValueRange all;
    for (size_t o = 0; o < conv.channels(); ++o) {
      ValueRange one = {conv.bias[o], conv.bias[o]};
      for (size_t i = 0; i < taps; ++i) {
        const float w = conv.weights[o * taps + i];
        one = sum(one, product(in, {w, w}));
      }
      all = united(all, one);
    }
    return all;
  }

  static ValueRange scaled(const graph::ScaleShift& by, const ValueRange& in) {
    ValueRange all;
    for (size_t c = 0; c < by.scale.size(); ++c)
      all = united(all, sum(product(in, {by.scale[c], by.scale[c]}), {by.shift[c], by.shift[c]}));
    return all;
  }

  const graph::Graph& graph_;
  std::vector<Range> ranges_;
};

}  // namespace

bool states_products(const graph::Node& node) {
  const auto is = [&](const char* word) { return node.op_type.find(word) != std::string::npos; };
  return node.op_type.empty() || is("Conv") || is("Gemm") || is("MatMul");
}

std::vector<Range> static_ranges(const graph::Graph& graph) { return Walk(graph).run(); }

std::vector<ValueRange> made_up_ranges(const graph::Graph& graph) {
  return std::vector<ValueRange>(graph.values.size(), ValueRange{-1, 1});
}

void prefer_static_ranges(const graph::Graph& graph, std::vector<ValueRange>& ranges) {
  ranges.resize(graph.values.size());
  const std::vector<Range> follow = static_ranges(graph);
  for (size_t v = 0; v < ranges.size(); ++v)
    if (follow[v]) ranges[v] = *follow[v];
}

bool needs_data(const graph::Graph& graph) {
  const ScaleSources sources(graph);
  const std::vector<bool> sums = values_kept_as_sums(graph);
  const std::vector<Range> ranges = static_ranges(graph);
  const auto open = [&](graph::ValueId v) {
    const graph::ValueId source = sources.of(v);
    return !graph.codes(source) && !ranges[static_cast<size_t>(source)] &&
           !sums[static_cast<size_t>(v)];
  };
  return std::any_of(graph.inputs.begin(), graph.inputs.end(), open) ||
         std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const graph::Node& node) {
           const bool table =
               node.before != graph::kNoValue && !node.sign_only && !sources.copies(node);
           return open(node.output) || (table && !ranges[static_cast<size_t>(node.before)]);
         });
}

}  // namespace systole::quant
