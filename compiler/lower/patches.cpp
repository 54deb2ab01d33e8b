// SPDX-License-Identifier: Apache-2.0
// The input of a tile: found where it is resident, or loaded for the tile or the strip it is in.
#include <algorithm>

#include "compiler/lower/layer_lowering.h"
#include "compiler/lower/transfer.h"
#include "compiler/lower/window_transfer.h"

namespace systole::lower {

Patch LayerLowering::find_patch(const Tile& tile, const Chunk& chunk, Range channels, int64_t key) {
  const LayerShape& s = plan_.shape;
  Patch patch;
  patch.h = find_span(s.h, tile.h, chunk.h, plan_.sampled_h());
  patch.w = find_span(s.w, tile.w, chunk.w, plan_.sampled_w());
  if (plan_.input != InputMode::kResident) return load_patch(tile, patch, channels, key);
  patch.view = places_.in.held->from(tile.n.first, patch.h.input.first, patch.w.input.first);
  // Taps that see nothing but padding read nothing, and a band may not hold row 0.
  patch.view.addr = std::max<int64_t>(0, patch.view.addr);
  return patch;
}

Patch LayerLowering::load_patch(const Tile& tile, Patch patch, Range channels, int64_t key) {
  if (plan_.strip_h > 0) return load_strip(tile, patch);
  const Range bytes = bytes_of(channels, layer_.unpacked_narrow());
  const InputWords words(plan_, bytes.count, geometry_);
  const auto layout = [&](int64_t address) {
    return dense_view(address, std::max<int64_t>(1, patch.h.input.count),
                      std::max<int64_t>(1, patch.w.input.count), words.words());
  };
  if (const auto address = in_buffers_.find(key)) {
    patch.view = layout(*address);
    return patch;
  }
  patch.view = layout(in_buffers_.next(key));
  append_patch(tile, patch, bytes, words);
  return patch;
}

void LayerLowering::append_patch(const Tile& tile, const Patch& patch, Range bytes,
                                 const InputWords& words) {
  if (patch.h.input.count == 0 || patch.w.input.count == 0) return;
  if (plan_.input == InputMode::kWindow)
    return append_load_window(state_.program, layer_, plan_, places_.in.dram, tile, patch.h,
                              patch.view, geometry_);
  // A plan may see a dense input in another shape.
  const LayerShape& s = plan_.shape;
  DramTensor tensor = places_.in.dram;
  if (layer_.in_dense && layer_.uses_mxu())
    tensor = {tensor.addr, s.h.in, s.w.in, layer_.in_bytes(s.c)};
  const Box box{tile.n, {patch.h.input, patch.h.step}, {patch.w.input, patch.w.step}, bytes};
  if (plan_.sliced)
    append_sliced_load(state_.program, layer_.tag, tensor, box, patch.view, words);
  else
    append_load(state_.program, layer_.tag, tensor, box, patch.view, geometry_);
}

Strip& LayerLowering::strip_of(int64_t item, Range rows, int64_t capacity) {
  for (Strip& strip : strips_) {
    if (!strip.holds(item, rows)) continue;
    strip.extend(item, rows, capacity);  // adds none
    return strip;
  }
  if (!strips_[strip_].fits(item, rows, capacity)) {
    strip_ = (strip_ + 1) % strips_.size();
    strips_[strip_].address = in_buffers_.next(0);
  }
  strips_[strip_].extend(item, rows, capacity);
  return strips_[strip_];
}

Patch LayerLowering::load_strip(const Tile& tile, Patch patch) {
  const LayerShape& s = plan_.shape;
  const InputWords words(plan_, layer_.in_bytes(s.c), geometry_);
  Tile row = tile;  // all columns of the tile's rows
  row.w = {0, s.w.out};
  Patch load{{}, patch.h, find_span(s.w, row.w, {0, s.w.kernel}, plan_.sampled_w())};
  const int64_t width = std::max<int64_t>(1, load.w.input.count);
  const bool empty = patch.h.input.count == 0 || patch.w.input.count == 0;
  const int64_t capacity = plan_.in.words / (strip_columns(plan_) * words.words());
  if (empty) {
    patch.view = dense_view(places_.staging.in[0].first, 1, width, words.words());
    return patch;
  }
  const Strip& strip = strip_of(tile.n.first, patch.h.input, capacity);
  const View view = dense_view(strip.address, 1, width, words.words());
  load.h.input = strip.added();
  load.view = view.from(0, load.h.input.first - strip.first(), 0);
  append_patch(row, load, {0, layer_.in_bytes(s.c)}, words);
  patch.view = view.from(0, patch.h.input.first - strip.first(),
                         (patch.w.input.first - load.w.input.first) / load.w.step);
  return patch;
}

}  // namespace systole::lower
