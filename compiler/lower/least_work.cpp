// SPDX-License-Identifier: Apache-2.0
// Takes every zero for one that is left out.
#include "compiler/lower/least_work.h"

#include <algorithm>

#include "compiler/lower/fold.h"
#include "compiler/lower/least_traffic.h"
#include "compiler/lower/weight_format.h"
#include "model/base/count_zeros.h"

namespace systole::lower {
namespace {

/// Like bound_without_holes, with all zeros left out, in whichever way the layer is folded.
int64_t bound_without_zeros(const Layer& layer, const arch::Geometry& geometry) {
  const int64_t left = nonzero_weights(layer);
  const int64_t bound =
      bound_without_holes(layer, std::ssize(layer.op->conv().weights) - left, geometry);
  if (most_columns(layer, geometry) == 1) return bound;
  const int64_t rows = geometry.grouped(layer.structured()).rows;
  const int64_t row = int64_t{geometry.cols} << layer.pack();
  return std::min(bound, std::max(ceil_div(left * layer.shape.pixels(), rows * row),
                                  ceil_div(left, layer.structured() ? 2 * row : row)));
}

}  // namespace

int64_t nonzero_weights(const Layer& layer) {
  const std::vector<int8_t>& weights = layer.op->conv().weights;
  return std::ssize(weights) - count_zeros(weights);
}

int64_t nonzero_bytes(const Layer& layer) {
  return nonzero_weights(layer) * layer.stored_bits() / 8;
}

int64_t bound_without_holes(const Layer& layer, int64_t zeros, const arch::Geometry& geometry) {
  const int64_t rows = geometry.grouped(layer.structured()).rows;
  const int64_t groups = layer.op->conv().group;
  const int64_t left = layer.shape.oc * (layer.in_channels / groups) * layer.shape.taps() - zeros;
  const int64_t columns = std::min<int64_t>(geometry.cols, layer.shape.oc / groups);
  const int64_t row = (groups > 1 ? columns : int64_t{geometry.cols})
                      << layer.pack();  // weights of one
  return std::max(ceil_div(left, rows * row) * layer.shape.pixels(),
                  ceil_div(left, layer.structured() ? 2 * row : row));
}

LeastWork least_work(const graph::QGraph& graph, const arch::ArchConfig& arch) {
  const arch::Geometry geometry(arch.hw);
  std::vector<Layer> layers = make_layers(graph);
  choose_formats(graph, arch, layers);
  const std::vector<int64_t> activations = least_traffic(graph, arch.hw);
  LeastWork least;
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const program::LayerInfo info = layer_info(layer, graph, geometry);
    int64_t mxu = info.mxu_bound, vpu = info.vpu_bound, weights = info.weight_bytes;
    if (layer.uses_mxu()) {
      mxu = std::min(mxu, bound_without_zeros(layer, geometry));
      weights = std::min(weights, nonzero_bytes(layer));
    }
    if (layer.sum) vpu = std::min(vpu, layer.shape.pixels() * geometry.col_tiles(layer.shape.oc));
    least.mxu += mxu;
    least.vpu += vpu;
    least.bytes += weights + activations[i];
  }
  return least;
}

}  // namespace systole::lower
