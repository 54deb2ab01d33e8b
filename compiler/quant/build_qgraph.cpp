// SPDX-License-Identifier: Apache-2.0
// One float operator to one quantised operator; values to int8 tensors in NHWC.
#include "compiler/quant/build_qgraph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "compiler/quant/exact_line.h"
#include "compiler/quant/foreign_bias.h"
#include "compiler/quant/own_scales.h"
#include "compiler/quant/quantise.h"
#include "compiler/quant/scale_sources.h"
#include "compiler/quant/static_ranges.h"
#include "compiler/quant/sums.h"
#include "compiler/quant/table.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"

namespace systole::quant {

namespace {

class Builder {
 public:
  Builder(const graph::Graph& graph, const std::vector<ValueRange>& ranges, int64_t batch,
          const Widths& widths, const LayerData* data)
      : graph_(graph),
        ranges_(ranges),
        widths_(widths),
        data_(data),
        sources_(graph),
        sums_(values_kept_as_sums(graph)),
        tensor_of_(graph.values.size(), -1) {
    result_.name = graph.name;
    result_.batch = batch;
    result_.host_steps = graph.host_steps;
  }

  graph::QGraph build() {
    for (graph::ValueId in : graph_.inputs) {
      add_tensor(in);
      result_.inputs.push_back(id(in));
    }
    for (const graph::Node& node : graph_.nodes) add_tensor(node.output);
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const ValuePlace& p = sources_.place(static_cast<graph::ValueId>(v));
      if (tensor_of_[v] < 0 || p.base == graph::kNoValue) continue;
      result_.tensors[static_cast<size_t>(tensor_of_[v])].place = graph::QPlace{
          id(p.base), p.first.h, p.first.w, p.first.c, p.step_h, p.step_w, p.reshaped};
    }
    for (const graph::Node& node : graph_.nodes) add_op(node);
    for (graph::QTensor& t : result_.tensors)
      if (t.sums() && t.place)
        t.channel_scale = result_.tensors[static_cast<size_t>(t.place->base)].channel_scale;
    for (graph::ValueId v : graph_.outputs) result_.outputs.push_back(id(v));
    return std::move(result_);
  }

 private:
  const ValueRange& range(graph::ValueId v) const { return ranges_.at(static_cast<size_t>(v)); }
  graph::TensorId id(graph::ValueId v) const { return tensor_of_.at(static_cast<size_t>(v)); }
  const graph::QTensor& tensor(graph::ValueId v) const {
    return result_.tensors.at(static_cast<size_t>(id(v)));
  }
  Affine affine(graph::ValueId v) const { return {tensor(v).scale, tensor(v).zero_point}; }

  /// Scale and zero point of `v`: of what it lies in, of what it is a copy of, or by its range.
  Affine choose_affine(graph::ValueId v) const {
    if (sums_[static_cast<size_t>(v)]) return {1.0f, 0};
    const graph::ValueId source = sources_.of(v);
    if (const auto& codes = graph_.codes(source)) return {codes->scale, codes->zero};
    return affine_of(range(source), widths_.activations[static_cast<size_t>(source)]);
  }

  /// As the network states it, with the batch that is asked for in front.
  std::vector<int64_t> shape_of(graph::ValueId v) const {
    const graph::Value& value = graph_.values[static_cast<size_t>(v)];
    std::vector<int64_t> shape = value.onnx_shape;
    const int64_t stated = std::max<int64_t>(graph_.stated_batch, 1);
    const bool leads = !shape.empty() && (shape[0] == stated || !graph_.is_output(v));
    if (!leads && result_.batch > 1 && graph_.is_output(v))
      throw Error(fmt::format("output '{}' has the shape [{}], which has no leading dimension for "
                              "a batch of {}",
                              value.name, fmt::join(shape, ", "), result_.batch),
                  ExitCode::kCannotCompile);
    if (leads) shape[0] = result_.batch;
    return shape;
  }

  void add_tensor(graph::ValueId v) {
    const graph::Value& value = graph_.values[static_cast<size_t>(v)];
    const Affine affine = choose_affine(v);
    graph::QTensor t;
    t.name = value.name;
    t.n = result_.batch;
    t.h = value.shape.h;
    t.w = value.shape.w;
    t.c = value.shape.c;
    t.scale = affine.scale;
    t.zero_point = affine.zero;
    t.type = sums_[static_cast<size_t>(v)]
                 ? isa::ElementType::kInt32
                 : isa::ElementType::integer(widths_.activations[static_cast<size_t>(v)]);
    t.onnx_shape = shape_of(v);
    t.channels_last = value.channels_last;
    t.integer_zero = value.integer_zero;
    t.order = value.order;
    result_.tensors.push_back(t);
    tensor_of_[static_cast<size_t>(v)] = static_cast<graph::TensorId>(result_.tensors.size()) - 1;
  }

  /// A step so small that nothing but 0 is rounded to 0, for what only the sign counts of.
  float sign_step(const graph::Node& node) const {
    float least = affine(node.inputs[0]).scale;
    float product = std::numeric_limits<float>::max();
    if (const auto* conv = node.if_is<graph::Conv>()) product = least_weight(*conv);
    if (const auto* by = node.if_is<graph::ScaleShift>())
      for (const float scale : by->scale) product = std::min(product, scale);
    if (product < std::numeric_limits<float>::max()) least *= product;
    if (const auto* pool = node.if_is<graph::AveragePool>())
      least *= pool->factor / static_cast<float>(pool->window.area());
    if (node.inputs.size() > 1) {
      const float second = affine(node.inputs[1]).scale;
      least =
          node.is<graph::Combine>() ? least * second : std::min(least, second) * factor_of(node.op);
    }
    return least * 0x1p-12f;
  }

  /// The least step of the weights of an output channel; the greatest float if all are 0.
  static float least_weight(const graph::Conv& conv) {
    float least = std::numeric_limits<float>::max();
    const size_t taps = conv.taps();
    for (size_t o = 0; o < conv.channels(); ++o) {
      const float* w = conv.weights.data() + o * taps;
      const float largest = std::fabs(*std::max_element(
          w, w + taps, [](float a, float b) { return std::fabs(a) < std::fabs(b); }));
      const float scale = conv.states_integers() ? conv.weight_scale[o] : largest / 127;
      if (scale > 0) least = std::min(least, scale);
    }
    return least;
  }

  /// Scale and zero point of what the vector unit rounds to: the result, or what its table takes.
  Affine rounded(const graph::Node& node) const {
    if (!node.function) return affine(node.output);
    if (node.before != graph::kNoValue && graph_.codes(node.before)) {
      const graph::Codes& codes = *graph_.codes(node.before);
      return {codes.scale, codes.zero};
    }
    if (node.is<graph::Unary>() || sources_.copies(node)) return affine(node.inputs[0]);
    if (node.sign_only) return {sign_step(node), 0};
    const bool stated = graph_.codes(node.output).has_value();
    return affine_of(domain(*node.function, range(node.before), affine(node.output).scale, stated));
  }

  void add_op(const graph::Node& node) {
    graph::QOp op;
    op.name = node.name;
    op.kind = graph::describe(graph_, node);
    if (node.is<graph::Clamp>() && !node.clamped() && !node.function)
      op.kind = affine(node.inputs[0]) == affine(node.output) ? "copy" : "requantise";
    const bool makes_one = std::visit(
        Overloaded{
            [&](const graph::Conv&) {
              make_conv(node, op);
              add_bias_rest(node, op.conv());
              return true;
            },
            [&](const OneOf<graph::MaxPool, graph::AveragePool> auto&) {
              op.body = make_pool(node);
              return true;
            },
            [&](const OneOf<graph::Add, graph::Combine, graph::Clamp, graph::Unary,
                            graph::ScaleShift> auto&) {
              op.body = make_eltwise(node);
              return true;
            },
            // Places say it all.
            [](const OneOf<graph::Concat, graph::Interleave, graph::Slice, graph::Reshape> auto&) {
              return false;
            },
            [&](const graph::Pad&) -> bool {
              throw Error(fmt::format("node '{}' ({}) was not lowered", node.name, node.op_type),
                          ExitCode::kCannotCompile);
            },
        },
        node.op);
    if (makes_one) result_.ops.push_back(std::move(op));
  }

  /// The least and the greatest that may be stored of `v`.
  std::pair<int, int> limits(graph::ValueId v) const {
    const graph::QTensor& t = tensor(v);
    if (const auto& codes = graph_.codes(v))
      return {std::max(codes->lo, t.type.least()), std::min(codes->hi, t.type.greatest())};
    return {t.type.least(), t.type.greatest()};
  }

  /// Output zero point, clamp, residual and table; every operator's last steps.
  void finish(const graph::Node& node, graph::QPost& post) const {
    const Affine y = rounded(node);
    post.out_zero = y.zero;
    const auto [least, greatest] = limits(node.output);
    if (node.function) {
      post.table = make_table(*node.function, y, affine(node.output));
      post.table_scale = y.scale;
      post.table_zero = y.zero;
      for (int8_t& entry : *post.table)
        entry = static_cast<int8_t>(std::clamp<int>(entry, least, greatest));
    }
    if (node.lo != -INFINITY) post.clamp_lo = quantise(node.lo, y);
    if (node.hi != INFINITY) post.clamp_hi = quantise(node.hi, y);
    if (!node.function) {
      post.clamp_lo = std::clamp(post.clamp_lo, least, greatest);
      post.clamp_hi = std::clamp(post.clamp_hi, least, greatest);
    } else if (node.before != graph::kNoValue && graph_.codes(node.before)) {
      const graph::Codes& codes = *graph_.codes(node.before);
      post.clamp_lo = std::clamp(post.clamp_lo, codes.lo, codes.hi);
      post.clamp_hi = std::clamp(post.clamp_hi, codes.lo, codes.hi);
    }
    if (node.inputs.size() < 2) return;
    const Affine r = affine(node.inputs[1]);
    graph::QResidual residual;
    residual.tensor = id(node.inputs[1]);
    residual.zero = r.zero;
    residual.multiply = node.is<graph::Combine>();
    residual.scale = checked_scale(
        node.name, residual.multiply ? r.scale : r.scale * factor_of(node.op) / y.scale);
    post.residual = residual;
  }

  /// A convolution that only selects: bytes pass as they are, or by a table that requantises them.
  void select(const graph::Node& node, const Affine& x, const std::vector<int8_t>& weights,
              graph::QPost& post) const {
    const size_t channels = post.bias.size(), taps = weights.size() / channels;
    for (size_t o = 0; o < channels; ++o) {  // a channel that selects none is 0
      const auto first = weights.begin() + static_cast<std::ptrdiff_t>(o * taps);
      const auto last = first + static_cast<std::ptrdiff_t>(taps);
      const bool none = std::all_of(first, last, [](int8_t code) { return code == 0; });
      post.bias[o] = none ? x.zero : 0;
    }
    post.scale.assign(channels, 1.0f);
    post.out_zero = 0;
    post.clamp_lo = -128;
    post.clamp_hi = 127;
    const auto table = requantisation(x, codes_of(node.output), node.lo, node.hi);
    if (table != identity_table()) post.table = table;
  }

  /// Each byte by its own number.
  static std::array<int8_t, 256> identity_table() {
    std::array<int8_t, 256> table{};
    std::iota(table.begin(), table.end(), int8_t{-128});
    return table;
  }

  void make_conv(const graph::Node& node, graph::QOp& op) {
    const graph::Chw in = graph_.shape(node.inputs[0]), out = graph_.shape(node.output);
    const auto& from = node.as<graph::Conv>();
    const graph::Window& w = from.window;
    graph::QConv& conv = op.conv();
    conv.in = id(node.inputs[0]);
    conv.out = id(node.output);
    std::tie(conv.kh, conv.kw, conv.stride_h, conv.stride_w) =
        std::tie(w.kh, w.kw, w.stride_h, w.stride_w);
    std::tie(conv.dil_h, conv.dil_w) = std::tie(w.dil_h, w.dil_w);
    std::tie(conv.pad_top, conv.pad_left) = std::tie(w.pad_top, w.pad_left);
    std::tie(conv.pad_bottom, conv.pad_right) = std::tie(w.pad_bottom, w.pad_right);
    const int bits = widths_.weights[static_cast<size_t>(&node - graph_.nodes.data())];
    const bool depthwise = from.group == in.c && from.group == out.c;
    if (bits == 1 && from.group > 1 && !depthwise)
      throw Error(fmt::format("layer '{}': 1-bit weights have no zero, which a convolution in {} "
                              "groups needs between them; expected 2 bits or more",
                              node.name, from.group),
                  ExitCode::kCannotCompile);
    const Affine x = affine(node.inputs[0]), y = rounded(node);
    const bool selects = from.keeps_scale && !node.function && node.inputs.size() == 1 && bits > 1;
    const bool rounds = data_ != nullptr && rounds_weights(node);
    RoundChannel round;
    if (rounds && data_->products) round = data_->products->rounding(node, bits);
    QuantisedWeights q =
        from.states_integers()
            ? own_weights(node, x, y.scale, bits)
            : quantise_weights(node.name, from.weights, from.bias, x, y.scale, bits, round);
    if (selects)
      std::transform(q.weights.begin(), q.weights.end(), q.weights.begin(),
                     [](int8_t code) { return static_cast<int8_t>(code != 0); });
    if (rounds && data_->means)
      correct_bias(node.name, mean_shift(from, in, out, data_->means->of(node.inputs[0]), q), x, q);
    conv.group = from.group;
    conv.weight_type = isa::ElementType::integer(bits);
    if (bits < 8) op.kind += fmt::format(" w{}", bits);
    const int in_bits = tensor(node.inputs[0]).type.bits();
    if (in_bits < 8) op.kind += fmt::format(" a{}", in_bits);
    conv.weights = channels_last(q.weights, out.c, in.c / from.group, w.area());
    conv.weight_scale = std::move(q.weight_scale);
    conv.post.bias = std::move(q.bias);
    conv.post.scale = std::move(q.scale);
    // Of a sum whose sign alone counts every bit does: it goes to the table as it is.
    if (node.sign_only && node.inputs.size() == 1) conv.post.scale.assign(from.channels(), 1.0f);
    graph::QTensor& result = result_.tensors[static_cast<size_t>(conv.out)];
    if (result.sums())
      result.channel_scale = std::exchange(conv.post.scale, std::vector(from.channels(), 1.0f));
    finish(node, conv.post);
    if (selects) select(node, x, conv.weights, conv.post);
    const graph::ValueId to =
        node.function ? node.before : node.output;  // what sums are rounded to
    const bool one_tap = depthwise && w.area() == 1 && !w.padded() && graph_.codes(to).has_value();
    if (one_tap && !selects && bits > 1 && !from.states_integers() && maps_bytes(node))
      fit_lines(node, bits, conv);
    op.dense_macs = !states_products(node) ? -1
                    : from.dense_macs != 0
                        ? result_.batch * from.dense_macs
                        : result_.batch * out.elements() * (in.c / from.group) * w.area();
  }

  /// Whether each byte of the result follows from one of the input.
  bool maps_bytes(const graph::Node& node) const {
    return node.inputs.size() == 1 && !node.sign_only && !tensor(node.output).sums();
  }

  /// What `v` is rounded to, as the network states it or as was chosen here.
  graph::Codes codes_of(graph::ValueId v) const {
    if (const auto& codes = graph_.codes(v)) return *codes;
    const graph::QTensor& t = tensor(v);
    return {t.scale, t.zero_point, t.type.least(), t.type.greatest(), t.type.bits() == 1};
  }

  LineTarget target_of(const graph::Node& node, float factor, float shift,
                       const graph::QPost& post) const {
    return line_target(affine(node.inputs[0]), limits(node.inputs[0]), factor, shift, rounded(node),
                       post);
  }

  /// Weight, bias and scale of each channel of a depthwise convolution of one tap, so that every
  /// byte comes out as the network defines it.
  void fit_lines(const graph::Node& node, int bits, graph::QConv& conv) const {
    const auto& from = node.as<graph::Conv>();
    for (size_t c = 0; c < from.channels(); ++c) {
      const auto line = fit_line(target_of(node, from.weights[c], from.bias[c], conv.post),
                                 (1 << (bits - 1)) - 1);
      if (!line) continue;
      conv.weights[c] = static_cast<int8_t>(line->weight);
      conv.post.bias[c] = line->bias;
      conv.post.scale[c] = line->scale;
    }
  }

  /// The scale of each channel, so that every byte comes out as the network defines it.
  void fit_scales(const graph::Node& node, graph::QPost& post) const {
    const std::vector<float>& scale = node.as<graph::ScaleShift>().scale;
    for (size_t c = 0; c < scale.size(); ++c)
      if (const auto line = fit_scale(target_of(node, scale[c], 0.0f, post)))
        post.scale[c] = line->scale;
  }

  /// What rounding a bias of a foreign scale would lose becomes the second operand, if there is
  /// none yet: one pixel an item, made by a convolution whose weights are 0.
  void add_bias_rest(const graph::Node& node, graph::QConv& conv) {
    const graph::Chw in = graph_.shape(node.inputs[0]);
    // Weights of 0 need two bits, and no more than the activations have.
    const int in_bits = tensor(node.inputs[0]).type.bits();
    const auto& from = node.as<graph::Conv>();
    if (!from.states_integers() || conv.post.residual || node.sign_only || in_bits == 1) return;
    if (tensor(node.output).sums()) return;
    const Affine y = rounded(node);
    const auto rest = split_bias(from, conv.weights, affine(node.inputs[0]), y.scale, conv.post);
    if (!rest) return;
    const size_t taps = conv.weights.size() / conv.post.bias.size();
    for (size_t o = 0; o < conv.post.bias.size(); ++o)
      prove_no_overflow(node.name, o, conv.weights.data() + o * taps, taps, conv.post.bias[o]);
    graph::QTensor pixel = tensor(node.output);
    pixel.name += "/bias";
    pixel.h = pixel.w = 1;
    pixel.scale = rest->scale * y.scale;
    pixel.zero_point = 0;
    pixel.type = isa::ElementType::kInt8;
    pixel.onnx_shape.clear();
    pixel.place.reset();
    result_.tensors.push_back(pixel);
    graph::QOp made;
    made.name = node.name + "/bias";
    made.kind = "bias";
    made.dense_macs = -1;
    graph::QConv zeros;
    zeros.in = conv.in;
    zeros.out = static_cast<graph::TensorId>(result_.tensors.size()) - 1;
    zeros.weight_type = isa::ElementType::integer(in_bits);
    zeros.only_bias = true;
    zeros.stride_h = in.h;
    zeros.stride_w = in.w;
    zeros.weights.assign(rest->codes.size() * static_cast<size_t>(in.c), 0);
    zeros.post.bias.assign(rest->codes.begin(), rest->codes.end());
    zeros.post.scale.assign(rest->codes.size(), 1.0f);
    made.body = std::move(zeros);
    result_.ops.push_back(std::move(made));
    conv.post.residual = graph::QResidual();
    conv.post.residual->tensor = static_cast<graph::TensorId>(result_.tensors.size()) - 1;
    conv.post.residual->scale = rest->scale;
  }

  /// [out c][in c][area] to [out c][area][in c].
  static std::vector<int8_t> channels_last(const std::vector<int8_t>& weights, int64_t out,
                                           int64_t in, int64_t area) {
    std::vector<int8_t> result;
    result.reserve(weights.size());
    for (int64_t o = 0; o < out; ++o) {
      for (int64_t p = 0; p < area; ++p) {
        for (int64_t c = 0; c < in; ++c)
          result.push_back(weights[static_cast<size_t>((o * in + c) * area + p)]);
      }
    }
    return result;
  }

  graph::QPool make_pool(const graph::Node& node) const {
    const graph::Window& w = *window_of(node.op);
    const auto* average = node.if_is<graph::AveragePool>();
    const Affine x = affine(node.inputs[0]), y = rounded(node);
    graph::QPool pool;
    pool.in = id(node.inputs[0]);
    pool.out = id(node.output);
    pool.sum = average != nullptr;
    std::tie(pool.kh, pool.kw, pool.stride_h, pool.stride_w) =
        std::tie(w.kh, w.kw, w.stride_h, w.stride_w);
    std::tie(pool.pad_top, pool.pad_left) = std::tie(w.pad_top, w.pad_left);
    std::tie(pool.pad_bottom, pool.pad_right) = std::tie(w.pad_bottom, w.pad_right);
    if (const float value = pad_value_of(node.op); value != 0.0f)
      pool.pad_byte = static_cast<int8_t>(quantise(value, x));
    pool.exclude_pad = pool.sum && w.padded() && !average->count_include_pad;
    const auto channels = static_cast<size_t>(graph_.shape(node.output).c);
    const int64_t taps = w.area();
    finish(node, pool.post);
    if (pool.sum) {
      pool.post.bias.assign(channels, static_cast<int32_t>(-taps * x.zero));
      pool.post.scale.assign(
          channels, checked_scale(node.name, x.scale / (y.scale * (static_cast<float>(taps) /
                                                                   average->factor))));
    } else if (x == y) {  // stored bytes pass as they are
      pool.post.bias.assign(channels, 0);
      pool.post.scale.assign(channels, 1.0f);
      pool.post.out_zero = 0;
    } else {
      pool.post.bias.assign(channels, -x.zero);
      pool.post.scale.assign(channels, checked_scale(node.name, x.scale / y.scale));
      keep_exact(node, x, pool.post);
    }
    return pool;
  }

  /// Requantisation of single bytes is exact, as ONNX defines it: by a table where the scale is
  /// not.
  void keep_exact(const graph::Node& node, const Affine& x, graph::QPost& post) const {
    const graph::Codes codes = codes_of(node.output);
    if (codes.bipolar || node.function || node.inputs.size() != 1) return;
    const auto expected = requantisation(x, codes, node.lo, node.hi);
    const Affine y = rounded(node);
    if (scale_gives(expected, x, y, post.clamp_lo, post.clamp_hi)) return;
    std::fill(post.bias.begin(), post.bias.end(), 0);
    std::fill(post.scale.begin(), post.scale.end(), 1.0f);
    post.out_zero = 0;
    post.clamp_lo = -128;
    post.clamp_hi = 127;
    post.table = expected;
  }

  graph::QEltwise make_eltwise(const graph::Node& node) const {
    const Affine x = affine(node.inputs[0]), y = rounded(node);
    const auto channels = static_cast<size_t>(graph_.shape(node.output).c);
    graph::QEltwise eltwise;
    eltwise.in = id(node.inputs[0]);
    eltwise.out = id(node.output);
    eltwise.post.bias.assign(channels, -x.zero);
    eltwise.post.scale.assign(channels,
                              checked_scale(node.name, x.scale * factor_of(node.op) / y.scale));
    const auto* by = node.if_is<graph::ScaleShift>();
    for (size_t c = 0; by != nullptr && c < channels; ++c)
      eltwise.post.scale[c] = checked_scale(node.name, x.scale * by->scale[c] / y.scale);
    finish(node, eltwise.post);
    if (by != nullptr && maps_bytes(node)) fit_scales(node, eltwise.post);
    if (node.is<graph::Clamp>()) keep_exact(node, x, eltwise.post);
    const auto* add = node.if_is<graph::Add>();
    if (add != nullptr && add->zero_first) move_ties(eltwise.post);
    return eltwise;
  }

  const graph::Graph& graph_;
  const std::vector<ValueRange>& ranges_;
  const Widths& widths_;
  const LayerData* const data_;
  const ScaleSources sources_;
  const std::vector<bool> sums_;  ///< by value
  std::vector<graph::TensorId> tensor_of_;
  graph::QGraph result_;
};

}  // namespace

bool needs_ranges(const graph::Graph& graph) {
  const ScaleSources sources(graph);
  const std::vector<bool> sums = values_kept_as_sums(graph);
  const auto open = [&](graph::ValueId v) {
    return !graph.codes(sources.of(v)) && !sums[static_cast<size_t>(v)];
  };
  if (std::any_of(graph.inputs.begin(), graph.inputs.end(), open)) return true;
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const graph::Node& node) {
    return open(node.output) || (node.before != graph::kNoValue && !node.sign_only &&
                                 !graph.codes(node.before) && !sources.copies(node));
  });
}

graph::QGraph build_qgraph(const graph::Graph& graph, const std::vector<ValueRange>& ranges,
                           int64_t batch, const PrecisionPolicy& precision) {
  return build_qgraph(graph, ranges, batch,
                      choose_widths(graph, layer_widths(graph, precision), {}));
}

graph::QGraph build_qgraph(const graph::Graph& graph, const std::vector<ValueRange>& ranges,
                           int64_t batch, const Widths& widths, const LayerData* data) {
  return Builder(graph, ranges, batch, widths, data).build();
}

}  // namespace systole::quant
