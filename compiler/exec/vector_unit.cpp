// SPDX-License-Identifier: Apache-2.0
// The vector unit, lane by lane, by the rounding rules of the hardware.
#include "compiler/exec/vector_unit.h"

#include "compiler/exec/kernels.h"

namespace systole::exec {

isa::VectorSet vector_set(const graph::QPost& post) {
  isa::VectorSet set;
  set.out_zero = static_cast<int8_t>(post.out_zero);
  set.clamp_lo = static_cast<int8_t>(post.clamp_lo);
  set.clamp_hi = static_cast<int8_t>(post.clamp_hi);
  if (!post.residual) return set;
  const graph::QResidual& r = *post.residual;
  set.two_roundings = r.two_roundings;
  set.multiply = r.multiply;
  set.mid_zero = static_cast<int8_t>(r.mid_zero);
  set.mid_lo = static_cast<int8_t>(r.mid_lo);
  set.mid_hi = static_cast<int8_t>(r.mid_hi);
  set.res_zero = static_cast<int8_t>(r.zero);
  set.mid_scale = r.mid_scale;
  set.res_scale = r.scale;
  return set;
}

Lanes::Lanes(const graph::QPost& post) : channels_(static_cast<int64_t>(post.bias.size())) {
  for (int64_t lanes = 0; lanes < kLanes || lanes == 0; lanes += channels_) {
    bias_.insert(bias_.end(), post.bias.begin(), post.bias.end());
    scale_.insert(scale_.end(), post.scale.begin(), post.scale.end());
  }
}

void post_lanes(const graph::QPost& post, const isa::VectorSet& set, isa::ElementType type,
                int64_t count, const int32_t* bias, const float* scale, const int32_t* sums,
                const int8_t* residual, int8_t* out) {
  requantise(count, sums, bias, scale, residual, set, out);
  if (post.table)
    for (int64_t c = 0; c < count; ++c) out[c] = (*post.table)[static_cast<size_t>(out[c] + 128)];
  if (type == isa::ElementType::kInt1)
    for (int64_t c = 0; c < count; ++c) out[c] = static_cast<int8_t>(type.stored(out[c]));
}

void post_pixel(const graph::QPost& post, const isa::VectorSet& set, isa::ElementType type,
                const float* scale, const int32_t* sums, const int8_t* residual, int8_t* out) {
  post_lanes(post, set, type, static_cast<int64_t>(post.bias.size()), post.bias.data(), scale, sums,
             residual, out);
}

void store_sums(const graph::QPost& post, isa::VectorSet set, const int32_t* sums, int8_t* out) {
  set.one_byte = true;
  for (unsigned k = 0; k < 4; ++k) {
    set.byte_index = static_cast<uint8_t>(k);
    post_pixel(post, set, isa::ElementType::kInt8, post.scale.data(), sums, nullptr,
               out + k * post.bias.size());
  }
}

bool has_lone_residual(const graph::QGraph& graph, const graph::QPost& post) {
  if (!post.residual) return false;
  const graph::QTensor& r = graph.tensors[static_cast<size_t>(post.residual->tensor)];
  return r.h * r.w == 1;
}

const int8_t* residual_at(const graph::QGraph& graph, const graph::QPost& post,
                          const graph::QTensor& out, const Tensors& tensors, int64_t offset) {
  if (!post.residual) return nullptr;
  const auto id = static_cast<size_t>(post.residual->tensor);
  const bool lone = has_lone_residual(graph, post);
  return tensors[id].data() + (lone ? offset / (out.h * out.w * out.c) * out.c : offset);
}

}  // namespace systole::exec
