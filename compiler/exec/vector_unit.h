// SPDX-License-Identifier: Apache-2.0
// What the vector unit makes of the sums of an operator.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"
#include "model/isa/isa.h"

namespace systole::exec {

/// The stored bytes of each tensor of a graph, by TensorId.
using Tensors = std::vector<std::vector<int8_t>>;

/// The settings of an instruction that does `post`.
isa::VectorSet vector_set(const graph::QPost& post);

/// The bias and scale of each channel, for several pixels one behind the other: a few channels are
/// too few for a processor's vectors.
class Lanes {
 public:
  explicit Lanes(const graph::QPost& post);
  int64_t pixels() const { return static_cast<int64_t>(bias_.size()) / channels_; }
  const int32_t* bias() const { return bias_.data(); }
  const float* scale() const { return scale_.data(); }

 private:
  static constexpr int64_t kLanes = 256;

  int64_t channels_;
  std::vector<int32_t> bias_;
  std::vector<float> scale_;
};

/// The vector unit on `count` lanes: `sums` to stored values of `type`.
void post_lanes(const graph::QPost& post, const isa::VectorSet& set, isa::ElementType type,
                int64_t count, const int32_t* bias, const float* scale, const int32_t* sums,
                const int8_t* residual, int8_t* out);

/// The same on one pixel.
void post_pixel(const graph::QPost& post, const isa::VectorSet& set, isa::ElementType type,
                const float* scale, const int32_t* sums, const int8_t* residual, int8_t* out);

/// The vector unit on one pixel of sums: their bytes, the lowest of all channels first.
void store_sums(const graph::QPost& post, isa::VectorSet set, const int32_t* sums, int8_t* out);

/// Whether the residual of all pixels of an item is one pixel.
bool has_lone_residual(const graph::QGraph& graph, const graph::QPost& post);

/// The residual of the pixel at `offset` of `out`: its own pixel, or the item's only one; null:
/// there is none.
const int8_t* residual_at(const graph::QGraph& graph, const graph::QPost& post,
                          const graph::QTensor& out, const Tensors& tensors, int64_t offset);

}  // namespace systole::exec
