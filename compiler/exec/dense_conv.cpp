// SPDX-License-Identifier: Apache-2.0
// Unfolds as many windows at once as stay in a cache.
#include "compiler/exec/dense_conv.h"

#include <algorithm>

#include "compiler/exec/windows.h"

namespace systole::exec {

namespace {

constexpr int64_t kWindowBytes = 128 * 1024;  // of unfolded windows at once: they stay in a cache

}  // namespace

DenseConv::DenseConv(const graph::QGraph& graph, const graph::QConv& conv)
    : graph_(graph),
      conv_(conv),
      set_(vector_set(conv.post)),
      lanes_(conv.post),
      weights_(conv.weights.data(), graph.tensors[static_cast<size_t>(conv.out)].c,
               conv.kh * conv.kw * graph.tensors[static_cast<size_t>(conv.in)].c) {}

void DenseConv::run(Tensors& tensors) const {
  const graph::QTensor& in = graph_.tensors[static_cast<size_t>(conv_.in)];
  const graph::QTensor& out = graph_.tensors[static_cast<size_t>(conv_.out)];
  const std::vector<int8_t>& from = tensors[static_cast<size_t>(conv_.in)];
  const int64_t pixels = out.n * out.h * out.w;
  const int64_t fitting = kWindowBytes / (weights_.terms() * int64_t{sizeof(int16_t)});
  const int64_t at_once = std::clamp<int64_t>(fitting, 1, pixels);
  WideMatrix unfolded(at_once, conv_.kh * conv_.kw * in.c);
  std::vector<int32_t> sums(static_cast<size_t>(unfolded.rows() * weights_.channels()));
  Windows windows(conv_, in);
  int64_t item = 0, i = 0, j = 0;  // of the next pixel: counted, as divisions take their time
  for (int64_t first = 0; first < pixels; first += at_once) {
    const int64_t rows = std::min(at_once, pixels - first);
    for (int64_t p = 0; p < rows; ++p) {
      if (i == 0 && j == 0) windows.load(from, item++);
      windows.unfold(i, j, unfolded.row(p));
      if (++j == out.w) {
        j = 0;
        if (++i == out.h) i = 0;
      }
    }
    multiply(unfolded, rows, weights_, sums.data());
    post(sums.data(), first, rows, tensors);
  }
}

/// The vector unit on `rows` pixels from `first` on.
void DenseConv::post(const int32_t* sums, int64_t first, int64_t rows, Tensors& tensors) const {
  const graph::QTensor& out = graph_.tensors[static_cast<size_t>(conv_.out)];
  int8_t* const to = tensors[static_cast<size_t>(conv_.out)].data();
  const bool dense = !has_lone_residual(graph_, conv_.post);
  const int64_t step = dense && !out.sums() ? lanes_.pixels() : 1;
  for (int64_t p = 0; p < rows; p += step) {
    const int64_t offset = (first + p) * out.c;
    const int32_t* of_pixel = sums + p * out.c;
    if (out.sums())
      store_sums(conv_.post, set_, of_pixel, to + 4 * offset);
    else
      post_lanes(conv_.post, set_, out.type, std::min(step, rows - p) * out.c, lanes_.bias(),
                 lanes_.scale(), of_pixel, residual_at(graph_, conv_.post, out, tensors, offset),
                 to + offset);
  }
}

}  // namespace systole::exec
