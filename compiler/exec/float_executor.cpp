// SPDX-License-Identifier: Apache-2.0
// Float execution: convolutions as matrix products over unfolded windows, the rest as plain loops.
#include "compiler/exec/float_executor.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "compiler/graph/element_order.h"
#include "model/base/error.h"

namespace systole::exec {

namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;
using StridedMap = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
using Tensor = std::vector<float>;

constexpr int64_t kUnfoldElements = 1
                                    << 19;  // of the buffer of unfolded windows: stays in the cache

/// Rows [first, first + rows) of the output: element [(c, y, x)][(i, j)] of `unfolded` is the tap
/// (y, x) of channel c at output position (i, j), 0 in the padding.
void unfold(const float* in, const graph::Chw& shape, const graph::Window& w, int64_t first,
            int64_t rows, int64_t out_width, Tensor& unfolded) {
  float* to = unfolded.data();
  for (int64_t c = 0; c < shape.c; ++c) {
    for (int64_t y = 0; y < w.kh; ++y) {
      for (int64_t x = 0; x < w.kw; ++x) {
        for (int64_t i = first; i < first + rows; ++i) {
          const int64_t h = i * w.stride_h - w.pad_top + y * w.dil_h;
          const float* row = in + (c * shape.h + h) * shape.w;
          for (int64_t j = 0; j < out_width; ++j) {
            const int64_t v = j * w.stride_w - w.pad_left + x * w.dil_w;
            *to++ = h >= 0 && h < shape.h && v >= 0 && v < shape.w ? row[v] : 0.0f;
          }
        }
      }
    }
  }
}

/// Group `group` of a convolution; `from` and `to`: the channels of one group.
void conv_group(const graph::Node& node, int64_t group, const float* in, const graph::Chw& from,
                const graph::Chw& to, float* out) {
  const int64_t taps = from.c * node.window.kh * node.window.kw;
  const ConstMap weights(node.weights.data() + group * to.c * taps, to.c, taps);
  const int64_t area = to.h * to.w;
  const Eigen::Map<const Eigen::VectorXf> bias(node.bias.data() + group * to.c, to.c);
  if (area == 1 && node.window.kh == from.h && node.window.kw == from.w && !node.window.padded()) {
    Eigen::Map<Eigen::VectorXf>(out, to.c).noalias() =
        weights * Eigen::Map<const Eigen::VectorXf>(in, taps) + bias;
    return;
  }
  const int64_t rows_at_once = std::clamp<int64_t>(kUnfoldElements / (taps * to.w), 1, to.h);
  Tensor unfolded(static_cast<size_t>(taps * rows_at_once * to.w));
  for (int64_t first = 0; first < to.h; first += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, to.h - first), columns = rows * to.w;
    unfold(in, from, node.window, first, rows, to.w, unfolded);
    StridedMap part(out + first * to.w, to.c, columns, Eigen::OuterStride<>(area));
    part.noalias() = weights * ConstMap(unfolded.data(), taps, columns);
    part.colwise() += bias;
  }
}

void conv(const graph::Node& node, const Tensor& in, const graph::Chw& from, const graph::Chw& to,
          Tensor& out) {
  const graph::Chw inputs{from.c / node.group, from.h, from.w};
  const graph::Chw outputs{to.c / node.group, to.h, to.w};
  for (int64_t g = 0; g < node.group; ++g)
    conv_group(node, g, in.data() + g * inputs.elements(), inputs, outputs,
               out.data() + g * outputs.elements());
}

void pool(const graph::Node& node, const Tensor& in, const graph::Chw& from, const graph::Chw& to,
          Tensor& out) {
  const graph::Window& w = node.window;
  const bool max = node.op == graph::Op::kMaxPool;
  size_t at = 0;
  for (int64_t c = 0; c < to.c; ++c) {
    const float* map = in.data() + c * from.h * from.w;
    for (int64_t i = 0; i < to.h; ++i) {
      const int64_t h0 = i * w.stride_h - w.pad_top;
      const int64_t h_from = std::max<int64_t>(h0, 0), h_to = std::min(h0 + w.kh, from.h);
      for (int64_t j = 0; j < to.w; ++j) {
        const int64_t w0 = j * w.stride_w - w.pad_left;
        const int64_t w_from = std::max<int64_t>(w0, 0), w_to = std::min(w0 + w.kw, from.w);
        float largest = -std::numeric_limits<float>::infinity();
        double sum = 0;
        int64_t taps = 0;
        for (int64_t y = h_from; y < h_to; ++y) {
          for (int64_t x = w_from; x < w_to; ++x, ++taps) {
            const float v = map[y * from.w + x];
            largest = std::max(largest, v);
            sum += v;
          }
        }
        sum += node.pad_value * static_cast<double>(w.kh * w.kw - taps);
        const int64_t divisor = node.count_include_pad ? w.kh * w.kw : std::max<int64_t>(taps, 1);
        out[at++] =
            max ? largest : static_cast<float>(sum / static_cast<double>(divisor) * node.factor);
      }
    }
  }
}

void scale_shift(const graph::Node& node, const Tensor& in, const graph::Chw& shape, Tensor& out) {
  const auto area = static_cast<size_t>(shape.h * shape.w);
  for (size_t i = 0; i < in.size(); ++i)
    out[i] = in[i] * node.scale[i / area] + node.shift[i / area];
}

void pad(const graph::Node& node, const Tensor& in, const graph::Chw& from, const graph::Chw& to,
         Tensor& out) {
  std::fill(out.begin(), out.end(), node.pad_value);
  for (int64_t c = 0; c < from.c; ++c) {
    for (int64_t h = 0; h < from.h; ++h) {
      const float* row = in.data() + (c * from.h + h) * from.w;
      std::copy_n(row, from.w,
                  out.data() + (c * to.h + h + node.window.pad_top) * to.w + node.window.pad_left);
    }
  }
}

/// Copies a box of `size` elements between maps; each position is the box's first element.
void copy_box(const Tensor& in, const graph::Chw& from, const graph::Chw& read, Tensor& out,
              const graph::Chw& to, const graph::Chw& write, const graph::Chw& size) {
  for (int64_t c = 0; c < size.c; ++c) {
    for (int64_t h = 0; h < size.h; ++h) {
      std::copy_n(in.data() + ((read.c + c) * from.h + read.h + h) * from.w + read.w, size.w,
                  out.data() + ((write.c + c) * to.h + write.h + h) * to.w + write.w);
    }
  }
}

void concat(const graph::Graph& graph, const graph::Node& node, const std::vector<Tensor>& values,
            Tensor& out) {
  graph::Chw at = {0, 0, 0};
  for (graph::ValueId id : node.inputs) {
    const graph::Chw part = graph.shape(id);
    copy_box(values[static_cast<size_t>(id)], part, {0, 0, 0}, out, graph.shape(node.output), at,
             part);
    (node.axis == graph::Axis::kChannel ? at.c
     : node.axis == graph::Axis::kRow   ? at.h
                                        : at.w) += node.axis == graph::Axis::kChannel ? part.c
                                                 : node.axis == graph::Axis::kRow   ? part.h
                                                                                    : part.w;
  }
}

void interleave(const graph::Graph& graph, const graph::Node& node,
                const std::vector<Tensor>& values, Tensor& out) {
  const graph::Chw to = graph.shape(node.output);
  for (size_t k = 0; k < node.inputs.size(); ++k) {
    const Tensor& in = values[static_cast<size_t>(node.inputs[k])];
    const graph::Chw from = graph.shape(node.inputs[k]);
    const graph::Part& p = node.parts[k];
    size_t at = 0;
    for (int64_t c = 0; c < from.c; ++c) {
      for (int64_t h = 0; h < from.h; ++h) {
        for (int64_t w = 0; w < from.w; ++w) {
          const int64_t row = c * to.h + p.h + h * p.step_h;
          out[static_cast<size_t>(row * to.w + p.w + w * p.step_w)] = in[at++];
        }
      }
    }
  }
}

void reshape(const graph::Graph& graph, const graph::Node& node, const Tensor& in, Tensor& out) {
  const graph::ElementOrder order = graph::order_of(graph, node);
  for (size_t i = 0; i < out.size(); ++i) out[i] = in[static_cast<size_t>(order[i])];
}

void combine(const graph::Node& node, const Tensor& a, const Tensor& b, Tensor& out) {
  const size_t repeat = out.size() / b.size();  // of one pixel
  const auto each = [&](auto f) {
    for (size_t i = 0; i < out.size(); ++i) out[i] = f(a[i], b[i / repeat]);
  };
  if (node.combine == "mul") return each([](float x, float y) { return x * y; });
  if (node.combine == "div") return each([](float x, float y) { return x / y; });
  if (node.combine == "max") return each([](float x, float y) { return std::max(x, y); });
  if (node.combine == "min") return each([](float x, float y) { return std::min(x, y); });
  if (node.combine == "pow") return each([](float x, float y) { return std::pow(x, y); });
  throw Error(fmt::format("node '{}': combination '{}' is not known", node.name, node.combine));
}

/// The real numbers that the codes of `values` stand for.
void round_to(const graph::Codes& codes, Tensor& values) {
  const auto zero = static_cast<float>(codes.zero);
  const auto lo = static_cast<float>(codes.lo), hi = static_cast<float>(codes.hi);
  for (float& v : values)
    v = (std::clamp(std::nearbyint(v / codes.scale) + zero, lo, hi) - zero) * codes.scale;
}

/// Inputs and outputs that the network states as integers: what an integer stands for, and back.
float real_of_integer(const graph::Value& value, float integer) {
  const graph::Codes& codes = *value.codes;
  return (integer + static_cast<float>(*value.integer_zero - codes.zero)) * codes.scale;
}
float integer_of_real(const graph::Value& value, float real) {
  const graph::Codes& codes = *value.codes;
  return std::nearbyint(real / codes.scale) + static_cast<float>(codes.zero - *value.integer_zero);
}

void execute(const graph::Graph& graph, const graph::Node& node, std::vector<Tensor>& values,
             const FloatExecutor::Observer& observe) {
  const Tensor& in = values[static_cast<size_t>(node.inputs[0])];
  const graph::Chw from = graph.shape(node.inputs[0]), to = graph.shape(node.output);
  Tensor out(static_cast<size_t>(to.elements()), 0.0f);
  bool adds = node.inputs.size() == 2;
  switch (node.op) {
    case graph::Op::kConv:
      conv(node, in, from, to, out);
      break;
    case graph::Op::kMaxPool:
    case graph::Op::kAveragePool:
      pool(node, in, from, to, out);
      break;
    case graph::Op::kScaleShift:
      scale_shift(node, in, from, out);
      break;
    case graph::Op::kPad:
      pad(node, in, from, to, out);
      break;
    case graph::Op::kReshape:
      reshape(graph, node, in, out);
      break;
    case graph::Op::kConcat:
      concat(graph, node, values, out);
      adds = false;
      break;
    case graph::Op::kInterleave:
      interleave(graph, node, values, out);
      adds = false;
      break;
    case graph::Op::kSlice:
      copy_box(in, from, node.first, out, to, {0, 0, 0}, to);
      break;
    case graph::Op::kCombine:
      combine(node, in, values[static_cast<size_t>(node.inputs[1])], out);
      adds = false;
      break;
    case graph::Op::kAdd:
    case graph::Op::kClamp:
    case graph::Op::kFunction:
      out = in;
      break;
  }
  if (adds) {
    const Tensor& other = values[static_cast<size_t>(node.inputs[1])];
    const size_t repeat = out.size() / other.size();  // of one pixel
    for (size_t i = 0; i < out.size(); ++i) out[i] = (out[i] + other[i / repeat]) * node.factor;
  }
  if (node.clamped()) {
    for (float& v : out) v = std::clamp(v, node.lo, node.hi);
  }
  if (node.function) {
    if (observe && node.before != graph::kNoValue) observe(node.before, out);
    for (float& v : out) v = static_cast<float>((*node.function)(v));
  }
  if (const auto& codes = graph.codes(node.output)) round_to(*codes, out);
  values[static_cast<size_t>(node.output)] = std::move(out);
}

/// An input as the network states it, in NCHW order, and an output back.
Tensor to_nchw(const graph::Value& value, const Tensor& stated) {
  const graph::ElementOrder order = graph::stated_order(value);
  Tensor out(stated.size());
  for (size_t i = 0; i < stated.size(); ++i) out[static_cast<size_t>(order[i])] = stated[i];
  return out;
}

Tensor as_stated(const graph::Value& value, const Tensor& nchw) {
  const graph::ElementOrder order = graph::stated_order(value);
  Tensor out(nchw.size());
  for (size_t i = 0; i < nchw.size(); ++i) out[i] = nchw[static_cast<size_t>(order[i])];
  return out;
}

bool is_plain(const graph::Value& value) { return !value.channels_last && value.order.empty(); }

}  // namespace

FloatExecutor::FloatExecutor(graph::Graph graph)
    : graph_(std::move(graph)), last_use_(graph_.values.size(), 0) {
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    for (graph::ValueId in : graph_.nodes[i].inputs) last_use_[static_cast<size_t>(in)] = i;
  }
}

std::vector<std::vector<float>> FloatExecutor::run(const std::vector<std::vector<float>>& inputs,
                                                   const Observer& observe) const {
  if (inputs.size() != graph_.inputs.size()) {
    throw Error(fmt::format("{} inputs are given, the network has {}", inputs.size(),
                            graph_.inputs.size()));
  }
  std::vector<Tensor> values(graph_.values.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const graph::Value& value = graph_.values[static_cast<size_t>(graph_.inputs[i])];
    if (static_cast<int64_t>(inputs[i].size()) != value.shape.elements()) {
      throw Error(fmt::format("input '{}' has {} values, expected {}", value.name, inputs[i].size(),
                              value.shape.elements()));
    }
    values[static_cast<size_t>(graph_.inputs[i])] =
        is_plain(value) ? inputs[i] : to_nchw(value, inputs[i]);
    if (value.integer_zero) {
      for (float& v : values[static_cast<size_t>(graph_.inputs[i])]) v = real_of_integer(value, v);
    }
    if (value.codes) round_to(*value.codes, values[static_cast<size_t>(graph_.inputs[i])]);
    if (observe) observe(graph_.inputs[i], values[static_cast<size_t>(graph_.inputs[i])]);
  }
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const graph::Node& node = graph_.nodes[i];
    execute(graph_, node, values, observe);
    if (observe) observe(node.output, values[static_cast<size_t>(node.output)]);
    for (graph::ValueId in : node.inputs) {
      if (last_use_[static_cast<size_t>(in)] == i && !graph_.is_output(in))
        values[static_cast<size_t>(in)] = {};
    }
  }
  std::vector<Tensor> outputs;
  for (graph::ValueId out : graph_.outputs) {
    const graph::Value& value = graph_.values[static_cast<size_t>(out)];
    Tensor result = values[static_cast<size_t>(out)];
    if (value.integer_zero) {
      for (float& v : result) v = integer_of_real(value, v);
    }
    outputs.push_back(is_plain(value) ? result : as_stated(value, result));
  }
  return outputs;
}

}  // namespace systole::exec
