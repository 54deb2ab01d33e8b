// SPDX-License-Identifier: Apache-2.0
// Attention and RotaryEmbedding of opset 23 on the host.
#include <Eigen/Core>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/softmax.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

using HeadMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// [batch, heads, tokens, size]: as given, or split from [batch, tokens, heads * size].
values::Literal heads_of(const values::Literal& in, int64_t heads) {
  if (in.dims.size() == 4) return in;
  if (in.dims.size() != 3 || heads < 1 || in.dims[2] % heads != 0)
    throw Error(fmt::format("{} is no tensor of {} heads", values::dims_text(in.dims), heads));
  const int64_t batch = in.dims[0], tokens = in.dims[1], size = in.dims[2] / heads;
  values::Literal result = zeros({batch, heads, tokens, size}, true);
  const values::Dims strides = {tokens * heads * size, size, heads * size, 1};
  size_t at = 0;
  walk<1>(result.dims, {strides}, {0},
          [&](const auto& p) { result.floats[at++] = in.floats[static_cast<size_t>(p[0])]; });
  return result;
}

/// `past` and `now` along the tokens.
values::Literal appended(const HostCall& call, size_t past, const values::Literal& now) {
  if (!call.has(past) || call.at(past).size() == 0) return now;
  onnx::NodeProto node;
  node.set_op_type("Concat");
  node.add_output(call.node.output(0));
  auto* axis = node.add_attribute();
  axis->set_name("axis");
  axis->set_type(onnx::AttributeProto::INT);
  axis->set_i(2);
  return compute_on_host(node, {&call.floats(past), &now}, call.context).at(0);
}

/// The mask as numbers to add, of [batch, heads, queries, keys].
std::vector<float> mask_of(const HostCall& call, const values::Dims& dims) {
  std::vector<float> mask(static_cast<size_t>(values::element_count(dims, "mask")), 0.0f);
  if (call.has(3)) {
    const values::Literal& given = call.at(3);
    size_t at = 0;
    walk<1>(dims, {broadcast_strides(given.dims, dims)}, {0}, [&](const auto& p) {
      const auto from = static_cast<size_t>(p[0]);
      mask[at++] = given.is_float ? given.floats[from] : given.ints[from] != 0 ? 0.0f : -INFINITY;
    });
  }
  if (call.attribute("is_causal", 0) == 0) return mask;
  const int64_t queries = dims[2], keys = dims[3];
  const int64_t past = call.has(4) && call.at(4).dims.size() == 4 ? call.at(4).dims[2] : 0;
  for (size_t i = 0; i < mask.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (at % keys > at / keys % queries + past) mask[i] = -INFINITY;
  }
  return mask;
}

HostResults attention(const HostCall& call) {
  call.attribute("qk_matmul_output_mode", 0);  // of an output that is refused
  call.attribute("softmax_precision", 1);      // of types below float32
  if (call.node.output_size() > 3 && !call.node.output(3).empty())
    throw graph::Unsupported("the product of queries and keys as an output");
  const values::Literal q = heads_of(call.floats(0), call.attribute("q_num_heads", 0));
  const values::Literal k =
      appended(call, 4, heads_of(call.floats(1), call.attribute("kv_num_heads", 0)));
  const values::Literal v =
      appended(call, 5, heads_of(call.floats(2), call.attribute("kv_num_heads", 0)));
  const int64_t batch = q.dims[0], heads = q.dims[1], queries = q.dims[2], size = q.dims[3];
  const int64_t groups = k.dims[1], keys = k.dims[2], width = v.dims[3];
  if (groups < 1 || heads % groups != 0 || k.dims[3] != size || v.dims[2] != keys)
    throw Error(fmt::format("queries {}, keys {} and values {} do not fit",
                            values::dims_text(q.dims), values::dims_text(k.dims),
                            values::dims_text(v.dims)));
  const float scale =
      values::float_attribute(call.node, "scale", 1 / std::sqrt(static_cast<float>(size)));
  const float cap = values::float_attribute(call.node, "softcap", 0.0f);
  const std::vector<float> mask = mask_of(call, {batch, heads, queries, keys});
  values::Literal mixed = zeros({batch, heads, queries, width}, true);
  for (int64_t h = 0; h < batch * heads; ++h) {
    const int64_t g = h / heads * groups + h % heads / (heads / groups);
    const Eigen::Map<const HeadMatrix> mq(q.floats.data() + h * queries * size, queries, size),
        mk(k.floats.data() + g * keys * size, keys, size),
        mv(v.floats.data() + g * keys * width, keys, width);
    HeadMatrix scores = (mq * mk.transpose()) * scale;
    std::vector<float> rows(scores.data(), scores.data() + scores.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      if (cap > 0) rows[i] = cap * std::tanh(rows[i] / cap);
      rows[i] += mask[static_cast<size_t>(h * queries * keys) + i];
    }
    softmax_along(rows, keys, 1, false);
    Eigen::Map<HeadMatrix>(mixed.floats.data() + h * queries * width, queries, width).noalias() =
        Eigen::Map<const HeadMatrix>(rows.data(), queries, keys) * mv;
  }
  if (call.at(0).dims.size() == 4) return {std::move(mixed), k, v};
  values::Literal joined = zeros({batch, queries, heads * width}, true);
  size_t at = 0;
  walk<1>({batch, queries, heads, width},
          {values::Dims{heads * queries * width, width, queries * width, 1}}, {0},
          [&](const auto& p) { joined.floats[at++] = mixed.floats[static_cast<size_t>(p[0])]; });
  return {std::move(joined), k, v};
}

/// Pairs of elements turned by the angle of their position.
HostResults rotary_embedding(const HostCall& call) {
  const values::Literal x = heads_of(call.floats(0), call.attribute("num_heads", 0));
  const values::Literal &cosines = call.floats(1), &sines = call.floats(2);
  const int64_t heads = x.dims[1], tokens = x.dims[2], size = x.dims[3];
  const int64_t stated = call.attribute("rotary_embedding_dim", 0);
  const int64_t turned = stated == 0 ? size : stated, half = turned / 2;
  const bool interleaved = call.attribute("interleaved", 0) != 0;
  values::Literal result = x;
  for (int64_t row = 0; row < x.size() / size; ++row) {
    const int64_t token = row % tokens, item = row / tokens / heads;
    const int64_t place = call.has(3)
                              ? call.at(3).ints.at(static_cast<size_t>(item * tokens + token))
                              : item * tokens + token;
    if (place < 0 || (place + 1) * half > cosines.size() || cosines.size() != sines.size())
      throw Error("positions do not fit the caches of cosines and sines");
    for (int64_t i = 0; i < half; ++i) {
      const auto a = static_cast<size_t>(row * size + (interleaved ? 2 * i : i));
      const size_t b = a + static_cast<size_t>(interleaved ? 1 : half);
      const float c = cosines.floats[static_cast<size_t>(place * half + i)],
                  s = sines.floats[static_cast<size_t>(place * half + i)];
      result.floats[a] = c * x.floats[a] - s * x.floats[b];
      result.floats[b] = s * x.floats[a] + c * x.floats[b];
    }
  }
  if (call.at(0).dims.size() == 4) return {std::move(result)};
  values::Literal joined = zeros(call.at(0).dims, true);
  size_t at = 0;
  walk<1>({x.dims[0], tokens, heads, size},
          {values::Dims{heads * tokens * size, size, tokens * size, 1}}, {0},
          [&](const auto& p) { joined.floats[at++] = result.floats[static_cast<size_t>(p[0])]; });
  return {std::move(joined)};
}

}  // namespace

void add_attention_host_operators(HostOperators& table) {
  table["Attention"] = attention;
  table["RotaryEmbedding"] = rotary_embedding;
}

}  // namespace systole::host
