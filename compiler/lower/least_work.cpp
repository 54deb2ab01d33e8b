// SPDX-License-Identifier: Apache-2.0
// Takes every zero for one that is left out.
#include "compiler/lower/least_work.h"

#include <algorithm>

#include "compiler/lower/least_traffic.h"
#include "compiler/lower/weight_format.h"

namespace systole::lower {
namespace {

int64_t zeros_of(const Layer& layer) {
  const std::vector<int8_t>& weights = layer.op->conv.weights;
  return std::count(weights.begin(), weights.end(), int8_t{0});
}

}  // namespace

int64_t nonzero_bytes(const Layer& layer) {
  return (std::ssize(layer.op->conv.weights) - zeros_of(layer)) * layer.stored_bits() / 8;
}

int64_t bound_without_holes(const Layer& layer, int64_t zeros, const arch::Geometry& geometry) {
  const int64_t rows = geometry.grouped(layer.structured()).rows;
  const int64_t groups = layer.op->conv.group;
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
  for (const Layer& layer : layers) {
    const program::LayerInfo info = layer_info(layer, graph, geometry);
    int64_t mxu = info.mxu_bound, vpu = info.vpu_bound, weights = info.weight_bytes;
    if (layer.uses_mxu()) {
      mxu = std::min(mxu, bound_without_holes(layer, zeros_of(layer), geometry));
      weights = std::min(weights, nonzero_bytes(layer));
    }
    if (layer.sum) vpu = std::min(vpu, layer.shape.pixels() * geometry.col_tiles(layer.shape.oc));
    least.mxu += mxu;
    least.vpu += vpu;
    least.bytes += weights + activations[static_cast<size_t>(layer.op - graph.ops.data())];
  }
  return least;
}

}  // namespace systole::lower
