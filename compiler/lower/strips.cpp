// SPDX-License-Identifier: Apache-2.0
// What strips hold, and how a tile loads its part of one.
#include "compiler/lower/strips.h"

#include <algorithm>

#include "compiler/lower/grouped.h"
#include "compiler/lower/layer_lowering.h"

namespace systole {

bool Strip::extend(int64_t item, Range rows, int64_t capacity) {
  const bool here = item == item_ && rows.first >= rows_.first && rows.first <= rows_.end() &&
                    rows.end() <= rows_.first + capacity;
  if (!here) item_ = item, rows_ = {rows.first, 0};
  added_ = {rows_.end(), std::max<int64_t>(0, rows.end() - rows_.end())};
  rows_.count += added_.count;
  return !here;
}

bool can_strip(const Layer& layer, const Plan& plan) {
  const LayerShape& s = plan.shape;
  if (plan.input == InputMode::kResident || !shares_patch(layer, plan) || plan.chunks() > 1)
    return false;
  if (plan.tile_n > 1 || plan.tile_h == s.h.out || plan.sampled_h()) return false;
  return (s.h.kernel - 1) * s.h.dilation >= s.h.stride;
}

int64_t strip_rows(const Plan& plan) {
  return span_limit(plan.shape.h, plan.strip_h, plan.chunk_h, false);
}

int64_t strip_columns(const Plan& plan) {
  return span_limit(plan.shape.w, plan.shape.w.out, plan.chunk_w, plan.sampled_w());
}

int64_t loaded_rows(const Plan& plan) {
  const WindowDim& h = plan.shape.h;
  const int64_t whole = h.out / plan.strip_h, rest = h.out % plan.strip_h;
  return whole * strip_rows(plan) + (rest > 0 ? span_limit(h, rest, plan.chunk_h, false) : 0);
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
  if (!empty && strip_.extend(tile.n.first, patch.h.input, capacity))
    strip_.address = in_buffers_.next(tile.index);
  const View view = dense_view(strip_.address, 1, width, words.words());
  patch.view = view;
  if (empty) return patch;
  load.h.input = strip_.added();
  load.view = view.from(0, load.h.input.first - strip_.first(), 0);
  append_patch(row, load, {0, layer_.in_bytes(s.c)}, words);
  patch.view = view.from(0, patch.h.input.first - strip_.first(),
                         (patch.w.input.first - load.w.input.first) / load.w.step);
  return patch;
}

}  // namespace systole
