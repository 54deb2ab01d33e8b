// SPDX-License-Identifier: Apache-2.0
// Float operators: convolutions as matrix products over unfolded windows, the rest as plain loops.
#include "compiler/exec/float_operators.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "compiler/graph/element_order.h"
#include "model/base/overloaded.h"

namespace systole::exec {

namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;
using StridedMap = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

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
void conv_group(const graph::Conv& conv, int64_t group, const float* in, const graph::Chw& from,
                const graph::Chw& to, float* out) {
  const graph::Window& window = conv.window;
  const int64_t taps = from.c * window.area();
  const ConstMap weights(conv.weights.data() + group * to.c * taps, to.c, taps);
  const int64_t area = to.h * to.w;
  const Eigen::Map<const Eigen::VectorXf> bias(conv.bias.data() + group * to.c, to.c);
  if (area == 1 && window.kh == from.h && window.kw == from.w && !window.padded()) {
    Eigen::Map<Eigen::VectorXf>(out, to.c).noalias() =
        weights * Eigen::Map<const Eigen::VectorXf>(in, taps) + bias;
    return;
  }
  const int64_t rows_at_once = std::clamp<int64_t>(kUnfoldElements / (taps * to.w), 1, to.h);
  Tensor unfolded(static_cast<size_t>(taps * rows_at_once * to.w));
  for (int64_t first = 0; first < to.h; first += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, to.h - first), columns = rows * to.w;
    unfold(in, from, window, first, rows, to.w, unfolded);
    StridedMap part(out + first * to.w, to.c, columns, Eigen::OuterStride<>(area));
    part.noalias() = weights * ConstMap(unfolded.data(), taps, columns);
    part.colwise() += bias;
  }
}

void convolve(const graph::Conv& conv, const Tensor& in, const graph::Chw& from,
              const graph::Chw& to, Tensor& out) {
  const graph::Chw inputs{from.c / conv.group, from.h, from.w};
  const graph::Chw outputs{to.c / conv.group, to.h, to.w};
  for (int64_t g = 0; g < conv.group; ++g)
    conv_group(conv, g, in.data() + g * inputs.elements(), inputs, outputs,
               out.data() + g * outputs.elements());
}

/// The greatest and the sum of the elements that a window holds, and how many they are.
struct Windowed {
  float largest = -std::numeric_limits<float>::infinity();
  double sum = 0;
  int64_t taps = 0;
};

/// An element of the result for each window: what `reduce` makes of it.
template <typename Reduce>
void pool(const graph::Window& w, const Tensor& in, const graph::Chw& from, const graph::Chw& to,
          Tensor& out, Reduce reduce) {
  size_t at = 0;
  for (int64_t c = 0; c < to.c; ++c) {
    const float* map = in.data() + c * from.h * from.w;
    for (int64_t i = 0; i < to.h; ++i) {
      const int64_t h0 = i * w.stride_h - w.pad_top;
      const int64_t h_from = std::max<int64_t>(h0, 0), h_to = std::min(h0 + w.kh, from.h);
      for (int64_t j = 0; j < to.w; ++j) {
        const int64_t w0 = j * w.stride_w - w.pad_left;
        const int64_t w_from = std::max<int64_t>(w0, 0), w_to = std::min(w0 + w.kw, from.w);
        Windowed found;
        for (int64_t y = h_from; y < h_to; ++y) {
          for (int64_t x = w_from; x < w_to; ++x, ++found.taps) {
            const float v = map[y * from.w + x];
            found.largest = std::max(found.largest, v);
            found.sum += v;
          }
        }
        out[at++] = reduce(found);
      }
    }
  }
}

/// Of what a window holds.
float mean(const graph::AveragePool& pool, const Windowed& found) {
  const int64_t area = pool.window.area();
  const double sum = found.sum + pool.pad_value * static_cast<double>(area - found.taps);
  const int64_t divisor = pool.count_include_pad ? area : std::max<int64_t>(found.taps, 1);
  return static_cast<float>(sum / static_cast<double>(divisor) * pool.factor);
}

void scale_shift(const graph::ScaleShift& by, const Tensor& in, const graph::Chw& shape,
                 Tensor& out) {
  const auto area = static_cast<size_t>(shape.h * shape.w);
  for (size_t i = 0; i < in.size(); ++i) out[i] = in[i] * by.scale[i / area] + by.shift[i / area];
}

void surround(const graph::Pad& pad, const Tensor& in, const graph::Chw& from, const graph::Chw& to,
              Tensor& out) {
  std::fill(out.begin(), out.end(), pad.value);
  for (int64_t c = 0; c < from.c; ++c) {
    for (int64_t h = 0; h < from.h; ++h) {
      const float* row = in.data() + (c * from.h + h) * from.w;
      std::copy_n(row, from.w, out.data() + (c * to.h + h + pad.top) * to.w + pad.left);
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

void concat(const graph::Graph& graph, const graph::Node& node, graph::Axis axis,
            const std::vector<Tensor>& values, Tensor& out) {
  graph::Chw at = {0, 0, 0};
  for (graph::ValueId id : node.inputs) {
    graph::Chw part = graph.shape(id);
    copy_box(values[static_cast<size_t>(id)], part, {0, 0, 0}, out, graph.shape(node.output), at,
             part);
    along(at, axis) += along(part, axis);
  }
}

void interleave(const graph::Graph& graph, const graph::Node& node,
                const std::vector<graph::Part>& parts, const std::vector<Tensor>& values,
                Tensor& out) {
  const graph::Chw to = graph.shape(node.output);
  for (size_t k = 0; k < node.inputs.size(); ++k) {
    const Tensor& in = values[static_cast<size_t>(node.inputs[k])];
    const graph::Chw from = graph.shape(node.inputs[k]);
    const graph::Part& p = parts[k];
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

void combine(graph::Combination by, const Tensor& a, const Tensor& b, Tensor& out) {
  const size_t repeat = out.size() / b.size();  // of one pixel
  const auto each = [&](auto f) {
    for (size_t i = 0; i < out.size(); ++i) out[i] = f(a[i], b[i / repeat]);
  };
  switch (by) {
    case graph::Combination::kMul:
      return each([](float x, float y) { return x * y; });
    case graph::Combination::kDiv:
      return each([](float x, float y) { return x / y; });
    case graph::Combination::kMax:
      return each([](float x, float y) { return std::max(x, y); });
    case graph::Combination::kMin:
      return each([](float x, float y) { return std::min(x, y); });
    case graph::Combination::kPow:
      return each([](float x, float y) { return std::pow(x, y); });
  }
}

/// What the operator of `node` computes, before its clamp and function.
class Computation {
 public:
  Computation(const graph::Graph& graph, const graph::Node& node, const std::vector<Tensor>& values)
      : graph_(graph),
        node_(node),
        values_(values),
        from_(graph.shape(node.inputs[0])),
        to_(graph.shape(node.output)) {}

  Tensor run() {
    out_.assign(static_cast<size_t>(to_.elements()), 0.0f);
    std::visit(*this, node_.op);
    return std::move(out_);
  }

  void operator()(const graph::Conv& conv) {
    convolve(conv, operand(0), from_, to_, out_);
    add_second(1.0f);
  }
  void operator()(const graph::MaxPool& max) {
    pool(max.window, operand(0), from_, to_, out_,
         [](const Windowed& found) { return found.largest; });
  }
  void operator()(const graph::AveragePool& average) {
    pool(average.window, operand(0), from_, to_, out_,
         [&](const Windowed& found) { return mean(average, found); });
  }
  void operator()(const graph::ScaleShift& by) {
    scale_shift(by, operand(0), from_, out_);
    add_second(1.0f);
  }
  void operator()(const graph::Add& add) {
    out_ = operand(0);
    add_second(add.factor);
  }
  void operator()(const OneOf<graph::Clamp, graph::Unary> auto&) { out_ = operand(0); }
  void operator()(const graph::Pad& pad) { surround(pad, operand(0), from_, to_, out_); }
  void operator()(const graph::Reshape&) { reshape(graph_, node_, operand(0), out_); }
  void operator()(const graph::Combine& of) { combine(of.by, operand(0), operand(1), out_); }
  void operator()(const graph::Concat& join) { concat(graph_, node_, join.axis, values_, out_); }
  void operator()(const graph::Slice& slice) {
    copy_box(operand(0), from_, slice.first, out_, to_, {0, 0, 0}, to_);
  }
  void operator()(const graph::Interleave& join) {
    interleave(graph_, node_, join.parts, values_, out_);
  }

 private:
  const Tensor& operand(size_t i) const { return values_[static_cast<size_t>(node_.inputs[i])]; }

  void add_second(float factor) {
    if (node_.inputs.size() < 2) return;
    const Tensor& other = operand(1);
    const size_t repeat = out_.size() / other.size();  // of one pixel
    for (size_t i = 0; i < out_.size(); ++i) out_[i] = (out_[i] + other[i / repeat]) * factor;
  }

  const graph::Graph& graph_;
  const graph::Node& node_;
  const std::vector<Tensor>& values_;
  const graph::Chw from_, to_;
  Tensor out_;
};

}  // namespace

Tensor compute(const graph::Graph& graph, const graph::Node& node,
               const std::vector<Tensor>& values) {
  return Computation(graph, node, values).run();
}

}  // namespace systole::exec
