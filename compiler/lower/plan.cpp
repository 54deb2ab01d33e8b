// SPDX-License-Identifier: Apache-2.0
// Counts and text of a plan.
#include "compiler/lower/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::lower {

double Work::cycles() const {
  return std::max({mxu, vpu, lda, ldw, sto, memory}) + exposed + start;
}

Work& Work::operator+=(const Work& o) {
  mxu += o.mxu, vpu += o.vpu, lda += o.lda, ldw += o.ldw, sto += o.sto;
  memory += o.memory, exposed += o.exposed, start += o.start;
  tiles += o.tiles;
  return *this;
}

Work Work::operator*(double times) const {
  return {mxu * times,    vpu * times,     lda * times, ldw * times,  sto * times,
          memory * times, exposed * times, start,       tiles * times};
}

int64_t Plan::output_tiles() const {
  return ceil_div(shape.n, tile_n) * ceil_div(shape.h.out, tile_h) * ceil_div(shape.w.out, tile_w);
}

int64_t Plan::strips() const {
  return strip_h == 0 ? output_tiles() : shape.n * ceil_div(shape.h.out, strip_h);
}

int64_t Plan::chunks() const {
  return ceil_div(shape.h.kernel, chunk_h) * ceil_div(shape.w.kernel, chunk_w) *
         ceil_div(shape.c, chunk_c);
}

InputWords::InputWords(const Plan& plan, int64_t channels, const arch::Geometry& geometry)
    : geometry_(geometry),
      used_(plan.sliced ? geometry.lanes / geometry.rows : geometry.row_slices) {
  step_ = plan.sliced ? used_ * geometry.rows : geometry.lanes;
  words_ = 1 + ceil_div(std::max<int64_t>(0, channels - geometry.lanes), step_);
  last_ = channels - (words_ - 1) * step_;
}

int64_t InputWords::slices() const {
  return (words_ - 1) * used_ + ceil_div(last_, geometry_.rows);
}

int InputWords::slice_lanes(int64_t slice) const {
  const int64_t word = std::min(slice / used_, words_ - 1),
                first = (slice - word * used_) * geometry_.rows;
  const int64_t lanes = word + 1 < words_ ? step_ : last_;
  return static_cast<int>(std::min<int64_t>(geometry_.rows, lanes - first));
}

bool can_split_first(const Layer& layer, const Plan& plan) {
  return plan.input == InputMode::kResident && layer.mixes_channels() &&
         layer.op->conv().group == 1 && !plan.keep && plan.chunks() == 1;
}

std::string to_text(const Plan& plan) {
  const char* modes[] = {"resident", "patch", "window"};
  const std::string packed =
      plan.packed_rows > 1 ? fmt::format(" of {} rows", plan.packed_rows) : "";
  const std::string strips =
      plan.strip_h > 0 ? fmt::format(" in strips for {} rows", plan.strip_h) : "";
  const auto staging = [](const Staging& s) { return fmt::format("{}x{}", s.buffers, s.words); };
  const std::string parts =
      plan.parts ? fmt::format(", in parts, maxima {}", staging(plan.maxima)) : "";
  return fmt::format(
      "tile {}x{}x{} of {}x{}x{}, block {}, {} outer, keep {}, together {}, chunk {}x{}x{}, early "
      "{}, input {}{}{}{}, staging in {} residual {} out {}{}{}, estimate {:.0f} cycles",
      plan.tile_n, plan.tile_h, plan.tile_w, plan.shape.n, plan.shape.h.out, plan.shape.w.out,
      plan.block, plan.columns_outer ? "columns" : "pixels", plan.keep, plan.together, plan.chunk_h,
      plan.chunk_w, plan.chunk_c, plan.early_c, modes[static_cast<int>(plan.input)],
      plan.sliced ? " in slices" : "", packed, strips, staging(plan.in), staging(plan.residual),
      staging(plan.out), plan.in_place ? " (residual in place)" : "", parts, plan.work.cycles());
}

}  // namespace systole::lower
