// SPDX-License-Identifier: Apache-2.0
// Collects what the readers of a value want, and keeps to what the hardware can pad and pack.
#include "compiler/quant/widths.h"

#include <algorithm>
#include <cmath>

#include "compiler/quant/scale_sources.h"
#include "compiler/quant/static_ranges.h"
#include "model/arch/geometry.h"
#include "model/isa/element_type.h"

namespace systole::quant {

int bits_of_own_weights(const graph::Conv& conv, int least) {
  const size_t taps = conv.taps();
  int lo = 0, hi = 0;
  bool any_zero = false;
  for (size_t i = 0; i < conv.weights.size(); ++i) {
    const auto code =
        static_cast<int>(std::nearbyint(conv.weights[i] / conv.weight_scale[i / taps]));
    lo = std::min(lo, code);
    hi = std::max(hi, code);
    any_zero = any_zero || code == 0;
  }
  if (least == 1 && !any_zero && lo >= -1 && hi <= 1) return 1;
  return isa::ElementType::holding(lo, hi, least).bits();
}

namespace {

class Chooser {
 public:
  Chooser(const graph::Graph& graph, const std::vector<LayerWidths>& layers,
          const LayerWidths& narrowest)
      : graph_(graph), layers_(layers), narrowest_(narrowest), sources_(graph) {}

  Widths run() {
    choose_weights();
    std::vector<int> bits(graph_.values.size(), 0);  // by source: the widest wish; 0: none
    const auto want = [&](graph::ValueId v, int wish) {
      int& of_source = bits[static_cast<size_t>(sources_.of(v))];
      of_source = std::max(of_source, wish);
    };
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const graph::ValueId base = sources_.place(static_cast<graph::ValueId>(v)).base;
      if (base != graph::kNoValue) want(base, 8);
    }
    for (const auto* list : {&graph_.inputs, &graph_.outputs})
      for (const graph::ValueId v : *list) want(v, 8);
    for (size_t n = 0; n < graph_.nodes.size(); ++n)
      if (graph_.nodes[n].is<graph::Conv>()) want(graph_.nodes[n].inputs[0], wish_of(n));
    // Padding decides last: a wider value may suit one reader and not another.
    for (size_t n = 0; n < graph_.nodes.size(); ++n)
      if (graph_.nodes[n].is<graph::Conv>()) make_paddable(n, bits);
    widths_.activations.resize(graph_.values.size(), 8);
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const int of_source = bits[static_cast<size_t>(sources_.of(static_cast<graph::ValueId>(v)))];
      if (of_source != 0) widths_.activations[v] = of_source;
    }
    return std::move(widths_);
  }

 private:
  void choose_weights() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const graph::Node& node = graph_.nodes[n];
      int bits = layers_[n].weights;
      // The weights of an interpolation are none of the network's, to which a policy speaks.
      const bool free = bits == 8 || !states_products(node);
      const auto* conv = node.if_is<graph::Conv>();
      if (conv != nullptr && conv->states_integers() && free) {
        const bool zeros_between = conv->group > 1 && !depthwise(node);
        bits =
            conv->weight_bits != 0
                ? std::max(narrowest_.weights, conv->weight_bits)
                : bits_of_own_weights(*conv, std::max(narrowest_.weights, zeros_between ? 2 : 1));
      }
      widths_.weights.push_back(bits);
    }
  }

  bool depthwise(const graph::Node& node) const {
    const int64_t group = node.as<graph::Conv>().group;
    return group == graph_.shape(node.inputs[0]).c && group == graph_.shape(node.output).c;
  }

  /// The width in which convolution `n` would read its input.
  int wish_of(size_t n) const {
    const graph::Node& node = graph_.nodes[n];
    if (node.as<graph::Conv>().group != 1) return 8;
    int wish = layers_[n].activations;
    if (const auto& codes = graph_.codes(sources_.of(node.inputs[0]))) {
      const int least = narrowest_.activations;
      wish = codes->bipolar && least == 1
                 ? 1
                 : isa::ElementType::holding(codes->lo, codes->hi, least).bits();
    }
    return wish;
  }

  /// Padding that meets one-bit weights: of one bit it must be -1, and else nothing may be left
  /// beyond the last channel. Wider weights meet anything, and zeros beyond it.
  void make_paddable(size_t n, std::vector<int>& bits) const {
    const graph::Node& node = graph_.nodes[n];
    const graph::ValueId source = sources_.of(node.inputs[0]);
    int& width = bits[static_cast<size_t>(source)];
    if (!is_padded(node.op) || width == 8 || widths_.weights[n] > 1) return;
    const auto& codes = graph_.codes(source);
    if (width == 1 && codes && codes->zero != -1) width = 2;
    const bool tail = graph_.shape(node.inputs[0]).c * width % 8 != 0;
    const bool is_zero = codes && codes->zero == 0;
    if (width > 1 && tail && !is_zero) width = 8;
  }

  const graph::Graph& graph_;
  const std::vector<LayerWidths>& layers_;
  const LayerWidths narrowest_;
  const ScaleSources sources_;
  Widths widths_;
};

}  // namespace

LayerWidths narrowest_widths(const isa::HwParams& hw) {
  const arch::Geometry geometry(hw);
  return {hw.weight_bits, geometry.whole_slices() ? geometry.act_bits : 8};
}

Widths choose_widths(const graph::Graph& graph, const std::vector<LayerWidths>& layers,
                     const LayerWidths& narrowest) {
  return Chooser(graph, layers, narrowest).run();
}

std::optional<std::string> wide_activations_warning(const std::vector<LayerWidths>& layers,
                                                    const Widths& widths) {
  const bool wanted = std::any_of(layers.begin(), layers.end(),
                                  [](const LayerWidths& l) { return l.activations < 8; });
  const auto& bits = widths.activations;
  if (!wanted || !std::all_of(bits.begin(), bits.end(), [](int b) { return b == 8; }))
    return std::nullopt;
  return "narrow activations are asked for, but all have 8 bits: docs/precision.md says where they "
         "have";
}

}  // namespace systole::quant
