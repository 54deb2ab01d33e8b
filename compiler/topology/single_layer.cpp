// SPDX-License-Identifier: Apache-2.0
// Fills in what the layer leaves open: scales of 1, no bias, weights that are made up.
#include "compiler/topology/single_layer.h"

#include <fmt/format.h>

#include <initializer_list>

#include "compiler/topology/made_weights.h"
#include "compiler/topology/scale_sim.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"

namespace systole::topology {
namespace {

constexpr int kByte = 8;

graph::QTensor tensor_of(const std::string& name, const LayerInput& size, int64_t batch, int bits) {
  graph::QTensor tensor;
  tensor.name = name;
  tensor.n = batch;
  tensor.h = size.height;
  tensor.w = size.width;
  tensor.c = size.channels;
  tensor.type = isa::ElementType::integer(bits);
  tensor.onnx_shape = {tensor.n, tensor.c, tensor.h, tensor.w};
  return tensor;
}

/// Results along a dimension. Throws Error: the window does not fit into it.
int64_t results(const char* what, int64_t size, int64_t before, int64_t behind, int64_t kernel,
                int64_t dilation, int64_t stride) {
  const int64_t reach = dilation * (kernel - 1) + 1, room = size + before + behind - reach;
  if (room < 0)
    throw Error(
        fmt::format("layer: kernel: reaches over {} {}, expected at most the {} of the "
                    "padded input",
                    reach, what, size + before + behind));
  return room / stride + 1;
}

LayerInput result_of(const LayerInput& in, const LayerWindow& w, int64_t channels) {
  return {channels,
          results("rows", in.height, w.padding[0], w.padding[2], w.kernel[0], w.dilation[0],
                  w.stride[0]),
          results("columns", in.width, w.padding[1], w.padding[3], w.kernel[1], w.dilation[1],
                  w.stride[1])};
}

/// Neither scales nor moves.
graph::QPost plain_post(const graph::QTensor& result, float scale = 1.0f) {
  graph::QPost post;
  post.bias.assign(static_cast<size_t>(result.c), 0);
  post.scale.assign(static_cast<size_t>(result.c), scale);
  post.clamp_lo = result.type.least();
  post.clamp_hi = result.type.greatest();
  return post;
}

template <typename Op>
void slide(Op& op, const LayerWindow& window) {
  op.kh = window.kernel[0];
  op.kw = window.kernel[1];
  op.stride_h = window.stride[0];
  op.stride_w = window.stride[1];
  op.pad_top = window.padding[0];
  op.pad_left = window.padding[1];
  op.pad_bottom = window.padding[2];
  op.pad_right = window.padding[3];
}

class LayerGraph {
 public:
  LayerGraph(std::string name, int64_t batch) {
    graph_.name = std::move(name);
    graph_.batch = batch;
    graph_.timing_only = true;
  }

  graph::TensorId input(const graph::QTensor& tensor) {
    graph_.inputs.push_back(add(tensor));
    return graph_.inputs.back();
  }
  graph::TensorId output(const graph::QTensor& tensor) {
    graph_.outputs.push_back(add(tensor));
    return graph_.outputs.back();
  }
  template <typename Body>
  graph::QGraph finish(Body body, const std::string& kind, int64_t macs) {
    graph::QOp op;
    op.name = graph_.name;
    op.kind = kind;
    op.dense_macs = macs;
    op.body = std::move(body);
    graph_.ops.push_back(std::move(op));
    graph::verify(graph_);
    return std::move(graph_);
  }

 private:
  graph::TensorId add(const graph::QTensor& tensor) {
    graph_.tensors.push_back(tensor);
    return static_cast<graph::TensorId>(graph_.tensors.size()) - 1;
  }

  graph::QGraph graph_;
};

/// `factors`: each far below 2^32.
void check_weights(std::initializer_list<int64_t> factors) {
  double weights = 1;
  for (const int64_t factor : factors) weights *= static_cast<double>(factor);
  if (weights > static_cast<double>(kMostWeights))
    throw Error(fmt::format("layer: weights: {:.0f}, expected at most {}", weights, kMostWeights));
}

graph::QGraph make_conv(const ConvLayer& layer, int64_t batch, const quant::LayerWidths& widths) {
  const LayerInput& in = layer.input;
  if (in.channels % layer.groups != 0 || layer.filters % layer.groups != 0)
    throw Error(fmt::format("layer: groups: {}, expected a divisor of {} and {} channels",
                            layer.groups, in.channels, layer.filters));
  const int64_t channels = in.channels / layer.groups;
  check_weights({layer.filters, channels, layer.window.kernel[0], layer.window.kernel[1]});
  if (widths.weights == 1 && (layer.kept < layer.of || (channels == 1 && layer.groups > 1)))
    throw Error("layer: weights: 1 bit has no zero, expected 2 or more");
  const int bits = layer.groups > 1 ? kByte : widths.activations;
  const LayerInput size = result_of(in, layer.window, layer.filters);
  LayerGraph graph("conv", batch);
  graph::QConv conv;
  slide(conv, layer.window);
  conv.dil_h = layer.window.dilation[0];
  conv.dil_w = layer.window.dilation[1];
  conv.group = layer.groups;
  conv.in = graph.input(tensor_of("in", in, batch, bits));
  const graph::QTensor result = tensor_of("out", size, batch, bits);
  conv.out = graph.output(result);
  conv.weight_type = isa::ElementType::integer(widths.weights);
  const int64_t taps = conv.kh * conv.kw * channels;
  conv.weights =
      make_weights({layer.filters, taps, channels, layer.kept, layer.of}, widths.weights);
  conv.post = plain_post(result);
  const bool depthwise = layer.groups > 1 && channels == 1;
  const std::string kind =
      fmt::format("{} {}x{}/{}", depthwise ? "depthwise" : "conv", conv.kh, conv.kw, conv.stride_h);
  return graph.finish(std::move(conv), kind, result.elements() * taps);
}

graph::QGraph make_matmul(const MatmulLayer& layer, int64_t batch,
                          const quant::LayerWidths& widths) {
  check_weights({layer.inner, layer.columns});
  TopologyLayer line;
  line.name = "matmul";
  line.place = "layer";
  line.gemm = true;
  line.height = layer.rows;
  line.channels = layer.inner;
  line.filters = layer.columns;
  line.kept = layer.kept;
  line.of = layer.of;
  return lone_layer(line, batch, widths);
}

graph::QGraph make_pool(const PoolLayer& layer, int64_t batch) {
  const LayerInput size = result_of(layer.input, layer.window, layer.input.channels);
  LayerGraph graph(layer.average ? "average pool" : "max pool", batch);
  graph::QPool pool;
  slide(pool, layer.window);
  pool.sum = layer.average;
  pool.in = graph.input(tensor_of("in", layer.input, batch, kByte));
  const graph::QTensor result = tensor_of("out", size, batch, kByte);
  pool.out = graph.output(result);
  const float share = layer.average ? 1.0f / static_cast<float>(pool.kh * pool.kw) : 1.0f;
  pool.post = plain_post(result, share);
  const std::string kind = fmt::format("{} pool {}x{}/{}", layer.average ? "average" : "max",
                                       pool.kh, pool.kw, pool.stride_h);
  return graph.finish(std::move(pool), kind, 0);
}

graph::QGraph make_add(const AddLayer& layer, int64_t batch) {
  LayerGraph graph("add", batch);
  graph::QEltwise add;
  add.in = graph.input(tensor_of("in", layer.input, batch, kByte));
  graph::QResidual other;
  other.tensor = graph.input(tensor_of("other", layer.input, batch, kByte));
  const graph::QTensor result = tensor_of("out", layer.input, batch, kByte);
  add.out = graph.output(result);
  add.post = plain_post(result);
  add.post.residual = other;
  return graph.finish(std::move(add), "add", 0);
}

}  // namespace

graph::QGraph make_layer(const SingleLayer& layer, int64_t batch, quant::LayerWidths widths) {
  return std::visit(
      Overloaded{
          [&](const ConvLayer& conv) { return make_conv(conv, batch, widths); },
          [&](const MatmulLayer& matmul) { return make_matmul(matmul, batch, widths); },
          [&](const PoolLayer& pool) { return make_pool(pool, batch); },
          [&](const AddLayer& add) { return make_add(add, batch); },
      },
      layer);
}

}  // namespace systole::topology
