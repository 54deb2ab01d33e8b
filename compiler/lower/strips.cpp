// SPDX-License-Identifier: Apache-2.0
// What strips hold.
#include "compiler/lower/strips.h"

#include <algorithm>

#include "compiler/lower/grouped.h"

namespace systole::lower {

bool Strip::extend(int64_t item, Range rows, int64_t capacity) {
  const bool here = fits(item, rows, capacity);
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

}  // namespace systole::lower
