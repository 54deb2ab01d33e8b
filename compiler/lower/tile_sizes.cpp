// SPDX-License-Identifier: Apache-2.0
// Equal parts of rows, columns and items.
#include "compiler/lower/tile_sizes.h"

#include "compiler/lower/field_limits.h"

namespace systole::lower {
namespace {

constexpr int64_t kLongKernel = 16;     // taps; chunks of longer ones are tried in more sizes
constexpr int64_t kNarrowTileRows = 8;  // tiles narrower than the output have at most so many rows

/// The sizes that cut `total` into equal parts: ceil(total / k) for every k, largest first.
std::vector<int64_t> equal_parts(int64_t total) {
  std::vector<int64_t> sizes;
  for (int64_t size = total; size >= 1;) {
    sizes.push_back(size);
    if (size == 1) break;
    size = ceil_div(total, ceil_div(total, size) + 1);
    if (size == sizes.back()) --size;
  }
  return sizes;
}

}  // namespace

std::vector<TileSizes> tile_sizes(const LayerShape& shape, int64_t most) {
  const std::vector<int64_t> rows = equal_parts(shape.h.out), items = equal_parts(shape.n);
  std::vector<TileSizes> sizes;
  for (const int64_t w : equal_parts(shape.w.out)) {
    if (w > most || w > kField16) continue;
    for (const int64_t h : rows) {
      if (w * h > most || h > kField16) continue;
      if (w < shape.w.out && h > kNarrowTileRows) continue;
      for (const int64_t n : items) {
        if (w * h * n > most || n > kField16) continue;
        if (n > 1 && (h < shape.h.out || w < shape.w.out)) continue;
        sizes.push_back({n, h, w});
      }
    }
  }
  return sizes;
}

int64_t most_taps(const WindowDim& dim) {
  if (dim.kernel > 1 && dim.dilation > kField8) return 1;
  return ceil_div(dim.kernel, ceil_div(dim.kernel, kField8));
}

std::vector<int64_t> part_sizes(int64_t most) {
  std::vector<int64_t> sizes{most};
  while (sizes.back() > 1) sizes.push_back(most > kLongKernel ? ceil_div(sizes.back(), 2) : 1);
  return sizes;
}

}  // namespace systole::lower
