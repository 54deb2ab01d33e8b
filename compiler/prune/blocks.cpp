// SPDX-License-Identifier: Apache-2.0
// Zeros blocks, rows of tiles and kernels by their l1 norm.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/prune/magnitude.h"
#include "compiler/prune/tile_grid.h"

namespace systole::prune {
namespace {

/// The round(amount * n) indices of least norm, of equal ones the first.
std::vector<size_t> least(const std::vector<double>& norms, double amount) {
  std::vector<size_t> order(norms.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return norms[a] < norms[b]; });
  order.resize(static_cast<size_t>(std::llround(amount * static_cast<double>(norms.size()))));
  return order;
}

/// Calls f(weight) for the weights of block `index` of `grid`.
template <typename F>
void for_block(const PruneLayer& layer, const TileGrid& grid, size_t index, F f) {
  const size_t columns = grid.columns.size(), rows = grid.rows.size();
  const TileGrid::Part& outputs = grid.columns[index % columns];
  const TileGrid::Part& depth = grid.rows[index / columns % rows];
  const auto position = static_cast<int64_t>(index / columns / rows);
  for (int64_t o = outputs.first; o < outputs.end(); ++o) {
    for (int64_t d = depth.first; d < depth.end(); ++d) {
      const int64_t tap = layer.covers_map ? d / layer.in : position;
      const int64_t c = layer.covers_map ? d % layer.in : d;
      f(layer.weights()[static_cast<size_t>((o * layer.in + c) * layer.area + tap)]);
    }
  }
}

void prune_grid(const PruneLayer& layer, const TileGrid& grid, double amount) {
  std::vector<double> norms(static_cast<size_t>(grid.tiles()));
  for (size_t i = 0; i < norms.size(); ++i)
    for_block(layer, grid, i, [&](float& w) { norms[i] += std::fabs(w); });
  for (const size_t i : least(norms, amount)) for_block(layer, grid, i, [](float& w) { w = 0.0f; });
}

}  // namespace

void prune_blocks(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                  const arch::Geometry& geometry) {
  for (const PruneLayer& layer : layers) {
    const TileGrid grid =
        spec.block_rows > 0
            ? weight_blocks(spec.block_rows, spec.block_cols, layer.in, layer.area, layer.out,
                            layer.covers_map)
            : weight_tiles(geometry, layer.in, layer.area, layer.out, layer.covers_map);
    prune_grid(layer, grid, spec.amount);
  }
}

void prune_vectors(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                   const arch::Geometry& geometry) {
  for (const PruneLayer& layer : layers) {
    TileGrid grid = weight_blocks(1, 1, layer.in, layer.area, layer.out, layer.covers_map);
    grid.columns =
        weight_tiles(geometry, layer.in, layer.area, layer.out, layer.covers_map).columns;
    prune_grid(layer, grid, spec.amount);
  }
}

void prune_kernels(const std::vector<PruneLayer>& layers, double amount) {
  for (const PruneLayer& layer : layers) {
    std::vector<float>& weights = layer.weights();
    const auto area = static_cast<size_t>(layer.area);
    std::vector<double> norms(weights.size() / area);
    for (size_t i = 0; i < weights.size(); ++i) norms[i / area] += std::fabs(weights[i]);
    for (const size_t i : least(norms, amount))
      std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(i * area), area, 0.0f);
  }
}

}  // namespace systole::prune
