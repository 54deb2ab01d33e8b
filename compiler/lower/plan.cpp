// SPDX-License-Identifier: Apache-2.0
// Counts and text of a plan.
#include "compiler/lower/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole {

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

int64_t Plan::chunks() const {
  return ceil_div(shape.h.kernel, chunk_h) * ceil_div(shape.w.kernel, chunk_w) *
         ceil_div(shape.c, chunk_c);
}

std::string to_text(const Plan& plan) {
  const char* modes[] = {"resident", "patch", "window"};
  const std::string packed =
      plan.packed_rows > 1 ? fmt::format(" of {} rows", plan.packed_rows) : "";
  const auto staging = [](const Staging& s) { return fmt::format("{}x{}", s.buffers, s.words); };
  const std::string parts =
      plan.parts ? fmt::format(", in parts, maxima {}", staging(plan.maxima)) : "";
  return fmt::format(
      "tile {}x{}x{} of {}x{}x{}, block {}, {} outer, keep {}, chunk {}x{}x{}, input {}{}, staging "
      "in {} "
      "residual {} out {}{}{}, estimate {:.0f} cycles",
      plan.tile_n, plan.tile_h, plan.tile_w, plan.shape.n, plan.shape.h.out, plan.shape.w.out,
      plan.block, plan.columns_outer ? "columns" : "pixels", plan.keep, plan.chunk_h, plan.chunk_w,
      plan.chunk_c, modes[static_cast<int>(plan.input)], packed, staging(plan.in),
      staging(plan.residual), staging(plan.out), plan.in_place ? " (residual in place)" : "", parts,
      plan.work.cycles());
}

}  // namespace systole
