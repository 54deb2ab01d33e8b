// SPDX-License-Identifier: Apache-2.0
// Translators of operators that make maps larger: ConvTranspose, Resize, Upsample, DepthToSpace.
// Each becomes operators for the interleaved parts of the result, which are stored where they lie.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

constexpr int64_t kMaxKernel = 255;  // of the instructions
constexpr int64_t kMaxParts = 4096;  // operators that one node may become

/// Outputs first, first + step, ... of one dimension that read alike: output q of them is the sum
/// of weights[t] * input[q + begin + t]; inputs outside count as zero.
struct Phase {
  int64_t first = 0, step = 1, count = 0;
  int64_t begin = 0;
  std::vector<double> weights = {};
  std::vector<int64_t> taps = {};  ///< ConvTranspose: the kernel position of each weight, -1: none
};

/// The rows and columns that a phase reads, and the zeros around them.
struct Reach {
  int64_t first, count, before, after;
};

Reach reach_of(const Phase& p, int64_t size) {
  const auto kernel = static_cast<int64_t>(p.weights.size());
  const int64_t begin = p.begin, end = p.begin + p.count - 1 + kernel;  // [begin, end)
  const int64_t first = std::clamp<int64_t>(begin, 0, size - 1);
  const int64_t last = std::clamp<int64_t>(end, first + 1, size);
  return {first, last - first, first - begin, end - last};
}

/// The part of `input` that a pair of phases reads; `node`'s window gets the zeros around it.
Operand reach_input(ImportContext& context, const onnx::NodeProto& proto, const Operand& input,
                    const Reach& h, const Reach& w, Node& node, const std::string& step) {
  const Chw in = context.graph.shape(input.value);
  node.window.pad_top = h.before;
  node.window.pad_bottom = h.after;
  node.window.pad_left = w.before;
  node.window.pad_right = w.after;
  if (h.count == in.h && w.count == in.w) return input;
  Node slice;
  slice.op = Op::kSlice;
  slice.inputs = {input.value};
  slice.first = {0, h.first, w.first};
  Dims dims = input.dims;
  dims.back() = w.count;
  if (dims.size() == 4) dims[2] = h.count;
  return context.make(proto, std::move(slice), dims, false, step + "/cut");
}

Dims map_dims(const Operand& input, int64_t channels, int64_t h, int64_t w) {
  Dims dims = {input.dims[0], channels};
  if (input.dims.size() == 4) dims.push_back(h);
  dims.push_back(w);
  return dims;
}

/// Puts one operator for each pair of phases together. `make(phase of rows, phase of columns)`: its
/// operator without window.
template <typename Make>
void emit_phases(ImportContext& context, const onnx::NodeProto& proto, const Operand& input,
                 int64_t channels, const std::vector<Phase>& rows,
                 const std::vector<Phase>& columns, Make make) {
  const Chw in = context.graph.shape(input.value);
  if (static_cast<int64_t>(rows.size() * columns.size()) > kMaxParts)
    throw Unsupported(fmt::format("more than {} interleaved parts", kMaxParts));
  Node join;
  join.op = Op::kInterleave;
  int64_t height = 0, width = 0;
  for (const Phase& r : rows) height += r.count;
  for (const Phase& c : columns) width += c.count;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < columns.size(); ++j) {
      const Phase &r = rows[i], &c = columns[j];
      Node part = make(r, c);
      part.window.kh = static_cast<int64_t>(r.weights.size());
      part.window.kw = static_cast<int64_t>(c.weights.size());
      if (part.window.kh > kMaxKernel || part.window.kw > kMaxKernel)
        throw Unsupported(fmt::format("kernel {}x{} of a part, expected at most {}", part.window.kh,
                                      part.window.kw, kMaxKernel));
      const std::string step = fmt::format("/{}x{}", i, j);
      const Operand read =
          reach_input(context, proto, input, reach_of(r, in.h), reach_of(c, in.w), part, step);
      part.inputs = {read.value};
      const Operand made = context.make(proto, std::move(part),
                                        map_dims(input, channels, r.count, c.count), false, step);
      join.inputs.push_back(made.value);
      join.parts.push_back({r.first, c.first, r.step, c.step});
    }
  }
  const Dims dims = map_dims(input, channels, height, width);
  if (join.inputs.size() == 1) {
    context.graph.values[static_cast<size_t>(join.inputs[0])].name = proto.output(0);
    return context.define(proto.output(0), {dims, nullptr, join.inputs[0]});
  }
  context.emit(proto, std::move(join), dims);
}

/// One dimension of a transposed convolution.
struct TransposedDim {
  int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;
};

/// Output o is the sum over kernel positions k and inputs i with i * stride - pad + k * dilation =
/// o.
std::vector<Phase> transposed_phases(const TransposedDim& d) {
  std::vector<Phase> phases;
  for (int64_t r = 0; r < std::min(d.stride, d.out); ++r) {
    Phase p{r, d.stride, (d.out - r + d.stride - 1) / d.stride};
    std::vector<std::pair<int64_t, int64_t>> taps;  // input offset, kernel position
    for (int64_t k = 0; k < d.kernel; ++k) {
      const int64_t at = r + d.pad - k * d.dilation;
      if (at % d.stride == 0) taps.push_back({at / d.stride, k});
    }
    if (taps.empty()) taps.push_back({0, -1});  // only the bias
    const auto [least, most] = std::minmax_element(taps.begin(), taps.end());
    p.begin = least->first;
    p.taps.assign(static_cast<size_t>(most->first - least->first + 1), -1);
    for (const auto& [offset, k] : taps) p.taps[static_cast<size_t>(offset - p.begin)] = k;
    // Where all of it would lie outside the input, taps without weight reach inside.
    for (; p.begin > d.in - 1; --p.begin) p.taps.insert(p.taps.begin(), -1);
    while (p.begin + p.count - 1 + static_cast<int64_t>(p.taps.size()) < 1) p.taps.push_back(-1);
    p.weights.assign(p.taps.size(), 1.0);
    phases.push_back(std::move(p));
  }
  return phases;
}

/// Sizes and pads of the result, as auto_pad, output_shape, output_padding and pads give them.
void size_result(const onnx::NodeProto& node, std::vector<TransposedDim>& dims) {
  const size_t n = dims.size();
  const auto list = [&](const char* name, std::vector<int64_t> fallback) {
    const std::vector<int64_t> values = ints_attribute(node, name, fallback);
    if (values.size() != fallback.size())
      throw Error(
          fmt::format("{} has {} values, expected {}", name, values.size(), fallback.size()));
    return values;
  };
  const auto strides = list("strides", std::vector<int64_t>(n, 1)),
             dilations = list("dilations", std::vector<int64_t>(n, 1)),
             extra = list("output_padding", std::vector<int64_t>(n, 0)),
             pads = list("pads", std::vector<int64_t>(2 * n, 0));
  const std::string mode = string_attribute(node, "auto_pad", "NOTSET");
  const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!same && mode != "NOTSET" && mode != "VALID" && !mode.empty())
    throw Error(
        fmt::format("auto_pad is '{}', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID", mode));
  const bool stated = find_attribute(node, "output_shape") != nullptr;
  std::vector<int64_t> shape =
      stated ? ints_attribute(node, "output_shape", {}) : std::vector<int64_t>(n);
  if (shape.size() == n + 2) shape.erase(shape.begin(), shape.begin() + 2);
  if (shape.size() != n) throw Error(fmt::format("output_shape has {} values", shape.size()));
  for (size_t i = 0; i < n; ++i) {
    TransposedDim& d = dims[i];
    d.stride = strides[i];
    d.dilation = dilations[i];
    if (d.stride < 1 || d.dilation < 1 || extra[i] < 0 || pads[i] < 0 || pads[i + n] < 0)
      throw Error("a stride or dilation below 1, or a negative pad");
    const int64_t full = d.stride * (d.in - 1) + extra[i] + (d.kernel - 1) * d.dilation + 1;
    if (stated || same) {
      d.out = stated ? shape[i] : d.in * d.stride;
      const int64_t total = std::max<int64_t>(0, full - d.out);
      d.pad = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    } else {
      d.pad = mode == "VALID" ? 0 : pads[i];
      d.out = full - d.pad - (mode == "VALID" ? 0 : pads[i + n]);
    }
    if (d.out < 1) throw Error(fmt::format("a result of {} rows or columns", d.out));
  }
}

void conv_transpose(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const Chw in = context.graph.shape(input.value);
  const size_t rank = input.dims.size();
  const Dims filter = context.constant(node, 1, "weights").dims;
  if (rank < 3 || rank > 4) throw Unsupported(fmt::format("of a {} tensor", dims_text(input.dims)));
  const int64_t group = int_attribute(node, "group", 1);
  if (filter.size() != rank || filter[0] != in.c || group < 1 || in.c % group != 0) {
    throw Error(fmt::format("weights {} in {} groups do not fit an input {}", dims_text(filter),
                            group, dims_text(input.dims)));
  }
  const std::vector<float> weights = context.weights(node, 1, "weights");
  const int64_t per_group = filter[1], channels = per_group * group;
  std::vector<float> bias(static_cast<size_t>(channels), 0.0f);
  if (context.has_operand(node, 2)) bias = context.weights(node, 2, "bias");
  if (static_cast<int64_t>(bias.size()) != channels)
    throw Error(fmt::format("bias has {} elements, expected {}", bias.size(), channels));
  std::vector<TransposedDim> dims;
  for (size_t i = 2; i < rank; ++i) dims.push_back({input.dims[i], 1, filter[i]});
  size_result(node, dims);
  const TransposedDim h = rank == 4 ? dims[0] : TransposedDim{}, w = dims.back();
  const auto make = [&](const Phase& r, const Phase& c) {
    Node part;
    part.op = Op::kConv;
    part.bias = bias;
    const size_t area = r.taps.size() * c.taps.size();
    part.weights.assign(static_cast<size_t>(channels * in.c) * area, 0.0f);
    for (int64_t o = 0; o < channels; ++o) {
      for (int64_t i = 0; i < in.c; ++i) {
        if (i / (in.c / group) != o / per_group) continue;
        float* to = part.weights.data() + static_cast<size_t>(o * in.c + i) * area;
        for (int64_t kh : r.taps) {
          for (int64_t kw : c.taps) {
            if (kh >= 0 && kw >= 0)
              *to = weights[static_cast<size_t>(
                  ((i * per_group + o % per_group) * h.kernel + kh) * w.kernel + kw)];
            ++to;
          }
        }
      }
    }
    return part;
  };
  emit_phases(context, node, input, channels, transposed_phases(h), transposed_phases(w), make);
}

/// How the outputs of a resized dimension lie in the input.
struct Resized {
  int64_t in = 1, out = 1;
  double scale = 1;
  std::string coordinates, rounding;
  bool linear = false;
};

double coordinate(const Resized& d, int64_t o) {
  const auto x = static_cast<double>(o);
  if (d.coordinates == "asymmetric") return x / d.scale;
  if (d.coordinates == "align_corners")
    return d.out == 1 ? 0 : x * static_cast<double>(d.in - 1) / static_cast<double>(d.out - 1);
  if (d.coordinates == "half_pixel" || (d.coordinates == "pytorch_half_pixel" && d.out > 1))
    return (x + 0.5) / d.scale - 0.5;
  if (d.coordinates == "pytorch_half_pixel") return 0;
  if (d.coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / d.scale;
  throw Unsupported(fmt::format("coordinates '{}'", d.coordinates));
}

/// What output `o` reads: the first input and the weights from there on.
std::pair<int64_t, std::vector<double>> read_of(const Resized& d, int64_t o) {
  const double x = coordinate(d, o);
  const auto inside = [&](double v) {
    return static_cast<int64_t>(std::clamp(v, 0.0, static_cast<double>(d.in - 1)));
  };
  if (!d.linear) {
    const double at = d.rounding == "floor"               ? std::floor(x)
                      : d.rounding == "ceil"              ? std::ceil(x)
                      : d.rounding == "round_prefer_ceil" ? std::floor(x + 0.5)
                                                          : std::ceil(x - 0.5);
    return {inside(at), {1.0}};
  }
  const double low = std::floor(x), part = x - low;
  const int64_t a = inside(low), b = inside(low + 1);
  if (a == b || part == 0) return {part == 0 ? a : b, {1.0}};
  return {a, {1 - part, part}};
}

/// Cuts the outputs of a dimension into phases: every `factor`-th output, as long as they read
/// alike.
std::vector<Phase> resized_phases(const Resized& d) {
  const int64_t factor = d.out % d.in == 0 ? d.out / d.in : 1;
  std::vector<Phase> phases;
  for (int64_t r = 0; r < std::min(factor, d.out); ++r) {
    for (int64_t o = r, q = 0; o < d.out; o += factor, ++q) {
      const auto [first, weights] = read_of(d, o);
      if (q > 0) {
        Phase& last = phases.back();
        bool alike = last.weights.size() == weights.size() && last.begin + last.count == first;
        for (size_t t = 0; alike && t < weights.size(); ++t)
          alike = std::fabs(last.weights[t] - weights[t]) < 1e-9;
        if (alike) {
          ++last.count;
          continue;
        }
      }
      phases.push_back({o, factor, 1, first, weights, {}});
    }
  }
  return phases;
}

/// A convolution of every channel with the weights of both phases; a copy if they select.
Node interpolation(int64_t channels, const Phase& r, const Phase& c) {
  Node part;
  if (r.weights.size() == 1 && c.weights.size() == 1) {
    part.op = Op::kMaxPool;
    return part;
  }
  part.op = Op::kConv;
  part.bias.assign(static_cast<size_t>(channels), 0.0f);
  part.group = channels;
  for (int64_t i = 0; i < channels; ++i)
    for (double a : r.weights)
      for (double b : c.weights) part.weights.push_back(static_cast<float>(a * b));
  return part;
}

void emit_resize(ImportContext& context, const onnx::NodeProto& node, const Operand& input,
                 Resized like, const std::vector<double>& scales, const Dims& sizes) {
  const size_t rank = input.dims.size();
  if (rank < 3 || rank > 4) throw Unsupported(fmt::format("of a {} tensor", dims_text(input.dims)));
  std::vector<Resized> dims(rank, like);
  for (size_t i = 0; i < rank; ++i) {
    Resized& d = dims[i];
    d.in = input.dims[i];
    d.out = sizes.empty()
                ? static_cast<int64_t>(std::floor(static_cast<double>(d.in) * scales[i] + 1e-6))
                : sizes[i];
    d.scale = sizes.empty() ? scales[i] : static_cast<double>(d.out) / static_cast<double>(d.in);
    if (d.out < 1) throw Error(fmt::format("dimension {} would have {} elements", i, d.out));
    if (i < 2 && d.out != d.in) throw Unsupported("of batch or channels");
  }
  const Chw in = context.graph.shape(input.value);
  for (size_t i = 2; i < rank; ++i) {
    if (like.linear && dims[i].out % dims[i].in != 0)
      throw Unsupported(
          fmt::format("linear, from {} to {}, expected a multiple", dims[i].in, dims[i].out));
  }
  if (rank == 3) {
    dims.insert(dims.begin() + 2, Resized());
    dims[2].coordinates = "asymmetric";
    dims[2].rounding = "floor";
  }
  emit_phases(context, node, input, in.c, resized_phases(dims[2]), resized_phases(dims[3]),
              [&](const Phase& r, const Phase& c) { return interpolation(in.c, r, c); });
}

void resize(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const bool upsample = node.op_type() == "Upsample", old = context.opset() < 11 || upsample;
  const std::string mode = string_attribute(node, "mode", "nearest");
  if (mode != "nearest" && mode != "linear") throw Unsupported(fmt::format("mode '{}'", mode));
  for (const char* name : {"antialias", "exclude_outside"}) {
    if (int_attribute(node, name, 0) != 0) throw Unsupported(name);
  }
  if (find_attribute(node, "axes") != nullptr) throw Unsupported("of some axes");
  Resized like;
  like.linear = mode == "linear";
  like.coordinates =
      old ? "asymmetric" : string_attribute(node, "coordinate_transformation_mode", "half_pixel");
  like.rounding = old ? "floor" : string_attribute(node, "nearest_mode", "round_prefer_floor");
  const int at = old ? 1 : 2;
  std::vector<double> scales;
  Dims sizes;
  if (context.has_operand(node, at) && context.constant(node, at, "scales").size() > 0) {
    for (float s : context.weights(node, at, "scales")) scales.push_back(s);
  } else if (find_attribute(node, "scales") != nullptr) {
    for (float s : find_attribute(node, "scales")->floats()) scales.push_back(s);
  } else {
    sizes = ints_operand(context, node, 3, "sizes", {});
  }
  if ((sizes.empty() ? scales.size() : sizes.size()) != input.dims.size())
    throw Error("neither scales nor sizes name every dimension");
  emit_resize(context, node, input, like, scales, sizes);
}

/// Blocks of channels become the rows and columns of squares.
void depth_to_space(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const Chw in = context.graph.shape(input.value);
  const int64_t b = int_attribute(node, "blocksize", 0);
  const std::string mode = string_attribute(node, "mode", "DCR");
  if (input.dims.size() != 4 || b < 1 || b > 64 || in.c % (b * b) != 0)
    throw Error(fmt::format("blocks of {} do not fit {}", b, dims_text(input.dims)));
  if (mode != "DCR" && mode != "CRD") throw Error(fmt::format("mode is '{}'", mode));
  const int64_t channels = in.c / (b * b);
  Node join;
  join.op = Op::kInterleave;
  for (int64_t y = 0; y < b; ++y) {
    for (int64_t x = 0; x < b; ++x) {
      Node part;
      part.op = Op::kConv;  // selects channels: DCR [b][b][c], CRD [c][b][b]
      part.keeps_scale = true;
      part.inputs = {input.value};
      part.bias.assign(static_cast<size_t>(channels), 0.0f);
      part.weights.assign(static_cast<size_t>(channels * in.c), 0.0f);
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t from = mode == "DCR" ? (y * b + x) * channels + c : (c * b + y) * b + x;
        part.weights[static_cast<size_t>(c * in.c + from)] = 1.0f;
      }
      const Dims dims = {input.dims[0], channels, in.h, in.w};
      join.inputs.push_back(
          context.make(node, std::move(part), dims, false, fmt::format("/{}x{}", y, x)).value);
      join.parts.push_back({y, x, b, b});
    }
  }
  context.emit(node, std::move(join), {input.dims[0], channels, in.h * b, in.w * b});
}

}  // namespace

void add_upsample_translators(Translators& table) {
  table["ConvTranspose"] = conv_transpose;
  table["Resize"] = resize;
  table["Upsample"] = resize;
  table["DepthToSpace"] = depth_to_space;
}

}  // namespace systole
