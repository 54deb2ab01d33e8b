// SPDX-License-Identifier: Apache-2.0
// Chooses how maps are folded, and folds them.
#include "compiler/lower/fold.h"

#include <algorithm>
#include <numeric>

#include "model/arch/geometry.h"

namespace systole::lower {
namespace {

constexpr int64_t kMostColumns = 16;
constexpr int64_t kWorthTrying = 32;  ///< a part of the cycles so great has to be saved

size_t at(graph::TensorId id) { return static_cast<size_t>(id); }

int64_t floor_div(int64_t a, int64_t b) { return a >= 0 ? a / b : -ceil_div(-a, b); }

/// How a convolution meets folded maps: `in` columns of its input and `out` of its output are one.
struct FoldedWindow {
  int64_t in, out;
  int64_t stride, kernel, pad;  ///< in folded columns of the input

  FoldedWindow(const graph::QConv& conv, int64_t fold_in, int64_t fold_out)
      : in(fold_in), out(fold_out), stride(conv.stride_w * out / in) {
    pad = -floor_div(-conv.pad_left, in);
    kernel = floor_div((out - 1) * conv.stride_w + conv.kw - 1 - conv.pad_left, in) + pad + 1;
  }
};

/// Whether operands and result of `layer` may be folded.
bool foldable(const Layer& layer) {
  if (layer.sums || layer.residual_pixel) return false;  // a pixel is not one for each column
  if (layer.op->is<graph::QEltwise>()) return true;
  return layer.uses_mxu() && layer.shape.w.dilation == 1 && layer.shape.w.pad >= 0 &&
         layer.op->conv().weight_type.bits() > 1;  // one bit is no 0
}

/// Tensors that agree are one class; raises the folds of classes while the estimate falls.
class Search {
 public:
  Search(const graph::QGraph& graph, const std::vector<Layer>& layers,
         const arch::Geometry& geometry)
      : graph_(graph),
        layers_(layers),
        geometry_(geometry),
        class_(graph.tensors.size()),
        most_(graph.tensors.size(), kMostColumns) {
    std::iota(class_.begin(), class_.end(), 0);
    for (const Layer& layer : layers) {
      if (layer.has_residual()) join(layer.residual, layer.out);
      if (layer.op->is<graph::QEltwise>()) join(layer.in, layer.out);
    }
    for (const graph::TensorId t : graph.inputs) limit(t, 1);
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const graph::QTensor& tensor = graph.tensors[t];
      if (tensor.c * tensor.type.bits() % 8 != 0) limit(static_cast<graph::TensorId>(t), 1);
      if (!tensor.place) continue;
      limit(static_cast<graph::TensorId>(t), 1);
      limit(tensor.place->base, 1);
    }
    for (const Layer& layer : layers) {
      limit(layer.out, most_columns(layer, geometry));
      if (foldable(layer)) continue;
      limit(layer.in, 1);
      if (layer.has_residual()) limit(layer.residual, 1);
    }
  }

  std::optional<Folds> best() {
    if (std::none_of(layers_.begin(), layers_.end(),
                     [&](const Layer& layer) { return most_[root(at(layer.out))] > 1; }))
      return std::nullopt;
    Folds folds(class_.size(), 1);
    const int64_t plain = estimate(folds);
    int64_t least = plain;
    for (bool better = true; better;) {
      better = false;
      for (size_t t = 0; t < class_.size(); ++t) {
        if (root(t) != t) continue;
        for (int64_t fold = 2 * folds[t]; fold <= most_[t]; fold *= 2) {
          Folds tried = folds;
          if (!raise(tried, t, fold)) continue;
          const int64_t cycles = estimate(tried);
          if (cycles >= least) continue;
          least = cycles;
          folds = std::move(tried);
          better = true;
        }
      }
    }
    if (least > plain - plain / kWorthTrying) return std::nullopt;
    for (size_t t = 0; t < folds.size(); ++t) folds[t] = folds[root(t)];
    return folds;
  }

 private:
  size_t root(size_t t) {
    while (class_[t] != t) t = class_[t] = class_[class_[t]];
    return t;
  }
  int64_t fold_of(const Folds& folds, graph::TensorId t) { return folds[root(at(t))]; }

  void join(graph::TensorId a, graph::TensorId b) {
    const size_t first = root(at(a)), second = root(at(b));
    class_[second] = first;
    most_[first] = std::min(most_[first], most_[second]);
  }

  void limit(graph::TensorId t, int64_t most) {
    int64_t& least = most_[root(at(t))];
    least = std::min(least, most);
  }

  /// Raises the fold of class `t`, and of what convolutions make of it as far as it must. False if
  /// that cannot be.
  bool raise(Folds& folds, size_t t, int64_t fold) {
    if (fold > most_[t]) return false;
    folds[t] = fold;
    for (const Layer& layer : layers_) {
      if (!layer.uses_mxu() || root(at(layer.in)) != t) continue;
      const size_t out = root(at(layer.out));
      const int64_t stride = layer.shape.w.stride;
      if (stride * folds[out] % fold == 0) continue;
      if (!raise(folds, out, fold / std::gcd(stride, fold))) return false;
    }
    return true;
  }

  /// Cycles of the array, or of the vector unit where it works alone.
  int64_t estimate(const Folds& folds) {
    int64_t cycles = 0;
    for (const Layer& layer : layers_) {
      const int64_t fold = fold_of(folds, layer.out);
      const int64_t words = geometry_.col_tiles(layer.shape.oc * fold);
      cycles +=
          layer.shape.pixels() / fold *
          (layer.uses_mxu() ? weight_tiles(layer, fold_of(folds, layer.in), fold, words) : words);
    }
    return cycles;
  }

  /// Tiles for `words` of output channels: of a tap each, or of taps that load_window packs at a
  /// word of a kernel row a cycle.
  int64_t weight_tiles(const Layer& layer, int64_t fold_in, int64_t fold_out, int64_t words) {
    const LayerShape& s = layer.shape;
    const int64_t rows = geometry_.rows, channels = s.c * fold_in;
    const int64_t kernel = FoldedWindow(layer.op->conv(), fold_in, fold_out).kernel;
    const int64_t taps = s.h.kernel * kernel;
    if (const int64_t groups = layer.op->conv().group; groups > 1 && fold_in * fold_out == 1)
      return ceil_div(channels * taps * geometry_.col_tiles(s.oc / groups), rows);
    const int64_t single = words * taps * ceil_div(channels, rows);
    if (s.w.dilation > 1) return single;
    return std::min(single, words * std::max(s.h.kernel, ceil_div(channels * taps, rows)));
  }

  const graph::QGraph& graph_;
  const std::vector<Layer>& layers_;
  const arch::Geometry& geometry_;
  std::vector<size_t> class_;
  std::vector<int64_t> most_;  ///< of the class, at its root: columns
};

template <typename T>
void repeat(std::vector<T>& values, int64_t times) {
  const size_t size = values.size();
  values.reserve(size * static_cast<size_t>(times));
  for (int64_t i = 1; i < times; ++i)
    for (size_t k = 0; k < size; ++k) values.push_back(values[k]);
}

/// Groups become zeros between them.
void fold_conv(graph::QConv& conv, const graph::QTensor& in, const graph::QTensor& out,
               const FoldedWindow& window) {
  const int64_t channels = in.c / conv.group;
  const auto size = window.out * out.c * conv.kh * window.kernel * window.in * in.c;
  std::vector<int8_t> weights(static_cast<size_t>(size));
  for (int64_t u = 0; u < window.out; ++u) {
    for (int64_t o = 0; o < out.c; ++o) {
      const int64_t first = o / (out.c / conv.group) * channels;  // of the group
      for (int64_t h = 0; h < conv.kh; ++h) {
        const int64_t row = ((u * out.c + o) * conv.kh + h) * window.kernel * window.in;
        for (int64_t w = 0; w < conv.kw; ++w) {
          // The column of the input, counted from the first of the window.
          const int64_t column = u * conv.stride_w + w - conv.pad_left + window.pad * window.in;
          const auto from = conv.weights.begin() + ((o * conv.kh + h) * conv.kw + w) * channels;
          std::copy_n(from, channels, weights.begin() + (row + column) * in.c + first);
        }
      }
    }
  }
  conv.weights = std::move(weights);
  conv.pad_right =
      (out.w / window.out - 1) * window.stride + window.kernel - window.pad - in.w / window.in;
  conv.kw = window.kernel, conv.stride_w = window.stride, conv.pad_left = window.pad;
  conv.group = 1;
}

}  // namespace

int64_t most_columns(const Layer& layer, const arch::Geometry& geometry) {
  if (!foldable(layer)) return 1;
  const auto fits = [&](int64_t columns) {
    return layer.shape.w.out % columns == 0 &&
           columns * layer.shape.oc <= std::max(geometry.rows, geometry.cols);
  };
  int64_t columns = 1;
  while (columns < kMostColumns && fits(2 * columns)) columns *= 2;
  return columns;
}

std::optional<Folds> choose_folds(const graph::QGraph& graph, const std::vector<Layer>& layers,
                                  const arch::Geometry& geometry) {
  return Search(graph, layers, geometry).best();
}

graph::QGraph folded(const graph::QGraph& graph, const Folds& folds) {
  graph::QGraph result = graph;
  for (size_t t = 0; t < folds.size(); ++t) {
    result.tensors[t].w /= folds[t];
    result.tensors[t].c *= folds[t];
  }
  for (graph::QOp& op : result.ops) {
    if (op.is<graph::QPool>()) continue;
    const graph::TensorId out = op.out();
    const int64_t fold = folds[at(out)];
    if (op.is<graph::QConv>()) {
      const int64_t fold_in = folds[at(op.conv().in)];
      if (fold == 1 && fold_in == 1) continue;
      fold_conv(op.conv(), graph.tensors[at(op.conv().in)], graph.tensors[at(out)],
                FoldedWindow(op.conv(), fold_in, fold));
    }
    repeat(op.post().bias, fold);
    repeat(op.post().scale, fold);
  }
  return result;
}

}  // namespace systole::lower
