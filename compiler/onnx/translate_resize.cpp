// SPDX-License-Identifier: Apache-2.0
// Translators of Resize and Upsample: which inputs each row and column is the sum of, cut into
// phases. Coordinates and their rounding are computed as ONNX Runtime does it, in float32.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "compiler/onnx/phases.h"
#include "compiler/onnx/translate.h"
#include "compiler/passes/stated_codes.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// What a node asks for, for every dimension alike.
struct Resizing {
  std::string mode, coordinates, rounding;
  double cubic = -0.75;
  bool outside_excluded = false;
};

/// One dimension: `out` positions, a step of 1 / `scale` inputs apart.
struct Resized {
  int64_t in = 1, out = 1;
  float scale = 1;
};

/// The input position of output `o`; T: float, where it is rounded, or double.
template <typename T>
T coordinate(const Resizing& how, const Resized& d, int64_t o) {
  const auto x = static_cast<T>(o), scale = static_cast<T>(d.scale), half = static_cast<T>(0.5);
  const auto in = static_cast<T>(d.in), out = static_cast<T>(d.out);
  const std::string& name = how.coordinates;
  if (d.scale == 1) return x;  // as ONNX Runtime, where others of the formulas shift it
  if (name == "asymmetric") return x / scale;
  if (name == "align_corners") return d.out == 1 ? 0 : x * (in - 1) / (out - 1);
  if (name == "tf_half_pixel_for_nn") return (x + half) / scale;
  if (name == "pytorch_half_pixel" && d.out == 1) return 0;
  if (name == "half_pixel_symmetric") {  // in ONNX Runtime in double but for the offset
    const double at = (static_cast<double>(o) + 0.5) / double{d.scale} - 0.5;
    return static_cast<T>(double{in / 2 * (1 - out / (scale * in))} + at);
  }
  return (x + half) / scale - half;
}

float rounded(const std::string& rounding, float x, float scale) {
  if (rounding == "floor") return std::floor(x);
  if (rounding == "ceil") return std::ceil(x);
  if (rounding == "before opset 11") return scale < 1 ? std::ceil(x) : std::trunc(x);
  // What float32 leaves of a tie still is one.
  const float low = std::floor(x), tie = 1e-6f * std::max(1.0f, std::fabs(x));
  if (std::fabs(x - low - 0.5f) <= tie) return rounding == "round_prefer_ceil" ? low + 1 : low;
  return std::round(x);
}

/// The weight of an input `distance` from where a cubic polynomial is evaluated.
double cubic_weight(double a, double distance) {
  const double t = std::fabs(distance);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

/// What an output reads: the first input and the weights from there on.
struct Read {
  int64_t first = 0;
  std::vector<double> weights;
};

Read read_of(const Resizing& how, const Resized& d, int64_t o) {
  const auto inside = [&](int64_t i) { return std::clamp<int64_t>(i, 0, d.in - 1); };
  if (how.mode == "nearest" && d.scale == 1) return {inside(o), {1.0}};
  if (how.mode == "nearest") {
    const float at = rounded(how.rounding, coordinate<float>(how, d, o), d.scale);
    return {inside(static_cast<int64_t>(at)), {1.0}};
  }
  const double x = coordinate<double>(how, d, o);
  const auto low = static_cast<int64_t>(std::floor(x));
  const int64_t reach = how.mode == "cubic" ? 2 : 1;
  std::vector<double> all(static_cast<size_t>(2 * reach), 0.0);  // of inputs from `begin` on
  const int64_t begin = inside(low - reach + 1);
  double sum = 0;
  for (int64_t i = low - reach + 1; i <= low + reach; ++i) {
    if (how.outside_excluded && i != inside(i)) continue;
    const double distance = x - static_cast<double>(i);
    const double weight =
        reach == 2 ? cubic_weight(how.cubic, distance) : std::max(0.0, 1 - std::fabs(distance));
    all[static_cast<size_t>(inside(i) - begin)] += weight;
    sum += weight;
  }
  if (how.outside_excluded)
    for (double& w : all) w /= sum;
  const auto weighs = [](double w) { return std::fabs(w) > 1e-7; };
  const auto first = std::find_if(all.begin(), all.end(), weighs);
  const auto last = std::find_if(all.rbegin(), all.rend(), weighs).base();
  return {begin + (first - all.begin()), {first, last}};
}

/// Cuts the outputs of a dimension into phases: every `step`-th output, as long as they read alike,
/// `stride` inputs apart.
std::vector<Phase> phases_of(const Resizing& how, const Resized& d) {
  const bool corners = how.coordinates == "align_corners" && d.in > 1 && d.out > 1;
  const int64_t in = corners ? d.in - 1 : d.in, out = corners ? d.out - 1 : d.out;
  const int64_t step = out / std::gcd(in, out), stride = in / std::gcd(in, out);
  std::vector<Phase> phases;
  for (int64_t r = 0; r < std::min(step, d.out); ++r) {
    for (int64_t o = r; o < d.out; o += step) {
      Read read = read_of(how, d, o);
      if (o > r) {
        Phase& last = phases.back();
        const bool alike = std::equal(last.weights.begin(), last.weights.end(),
                                      read.weights.begin(), read.weights.end(),
                                      [](double a, double b) { return std::fabs(a - b) < 1e-6; });
        if (alike && last.begin + last.count * stride == read.first) {
          ++last.count;
          continue;
        }
      }
      phases.push_back({o, step, 1, read.first, stride, std::move(read.weights), {}});
    }
  }
  return phases;
}

/// A convolution of every channel with the weights of both phases; a copy if they select.
graph::Operator interpolation(int64_t channels, const Phase& r, const Phase& c) {
  if (r.weights.size() == 1 && c.weights.size() == 1) return graph::MaxPool{};
  graph::Conv part;
  part.bias.assign(static_cast<size_t>(channels), 0.0f);
  part.group = channels;
  for (int64_t i = 0; i < channels; ++i)
    for (double a : r.weights)
      for (double b : c.weights) part.weights.push_back(static_cast<float>(a * b));
  return part;
}

/// The dimensions of the result, from scales or from sizes: those of `axes` alone, if there are.
class Target {
 public:
  Target(ImportContext& context, const onnx::NodeProto& node, const Operand& input, int scales_at)
      : dims_(input.dims.size()) {
    for (size_t i = 0; i < dims_.size(); ++i) dims_[i].in = dims_[i].out = input.dims[i];
    const auto rank = static_cast<int64_t>(dims_.size());
    std::vector<int64_t> axes(dims_.size());
    std::iota(axes.begin(), axes.end(), 0);
    axes = values::ints_attribute(node, "axes", axes);
    const std::vector<int64_t> stated = axes;
    for (int64_t& axis : axes) axis = values::normalise_axis(axis, rank);
    const std::vector<float> scales = scales_of(context, node, scales_at);
    const values::Dims sizes = ints_operand(context, node, 3, "sizes", {});
    const size_t count = scales.empty() ? sizes.size() : scales.size();
    if (!scales.empty() && !sizes.empty()) throw Error("states both scales and sizes");
    if (count != axes.size())
      throw Error(fmt::format("{} scales or sizes, expected one for each of {} dimensions", count,
                              axes.size()));
    for (size_t i = 0; i < count; ++i) {
      Resized& d = dims_[static_cast<size_t>(axes[i])];
      if (d.in < 1)
        throw graph::Unsupported(
            fmt::format("of an empty tensor {}", values::dims_text(input.dims)));
      d.scale =
          scales.empty() ? static_cast<float>(sizes[i]) / static_cast<float>(d.in) : scales[i];
      if (!(d.scale > 0 && d.scale < 1e6f)) throw Error(fmt::format("a scale of {}", d.scale));
      d.out = scales.empty() ? sizes[i] : static_cast<int64_t>(d.scale * static_cast<float>(d.in));
    }
    const std::string policy =
        values::string_attribute(node, "keep_aspect_ratio_policy", "stretch");
    if (scales.empty() && policy != "stretch") keep_ratio(policy, stated);
    for (size_t i = 0; i < dims_.size(); ++i) {
      if (dims_[i].out < 1)
        throw graph::Unsupported(
            fmt::format("an empty result: dimension {} would have {} elements", i, dims_[i].out));
    }
  }

  const std::vector<Resized>& dims() const { return dims_; }

 private:
  static std::vector<float> scales_of(ImportContext& context, const onnx::NodeProto& node, int at) {
    const bool upsample = node.op_type() == "Upsample";
    const onnx::AttributeProto* attribute =  // of Upsample-7
        upsample ? values::typed_attribute(node, "scales", onnx::AttributeProto::FLOATS) : nullptr;
    if (attribute != nullptr) return {attribute->floats().begin(), attribute->floats().end()};
    if (!context.has_operand(node, at)) return {};
    return context.weights(node, at, "scales");
  }

  /// One scale for all `axes`: the smallest, so that nothing is larger than asked for, or the
  /// largest.
  void keep_ratio(const std::string& policy, const std::vector<int64_t>& axes) {
    if (policy != "not_larger" && policy != "not_smaller")
      throw Error(fmt::format(
          "keep_aspect_ratio_policy is '{}', expected stretch, not_larger or not_smaller", policy));
    if (std::any_of(axes.begin(), axes.end(), [](int64_t axis) { return axis < 0; }))
      throw graph::Unsupported(
          "keep_aspect_ratio_policy with negative axes, where runtimes disagree");
    const bool least = policy == "not_larger";
    float scale = least ? std::numeric_limits<float>::max() : 0.0f;
    for (int64_t axis : axes) {
      const float own = dims_[static_cast<size_t>(axis)].scale;
      scale = least ? std::min(scale, own) : std::max(scale, own);
    }
    for (int64_t axis : axes) {
      Resized& d = dims_[static_cast<size_t>(axis)];
      d.scale = scale;
      d.out = static_cast<int64_t>(std::round(scale * static_cast<float>(d.in)));
    }
  }

  std::vector<Resized> dims_;
};

Resizing read_resizing(const onnx::NodeProto& node, bool old) {
  Resizing how;
  how.mode = values::string_attribute(node, "mode", "nearest");
  if (how.mode == "bilinear") how.mode = "linear";  // Upsample's old name
  if (how.mode != "nearest" && how.mode != "linear" && how.mode != "cubic")
    throw Error(fmt::format("mode is '{}', expected nearest, linear or cubic", how.mode));
  how.cubic = values::float_attribute(node, "cubic_coeff_a", -0.75f);
  if (!std::isfinite(how.cubic)) throw Error(fmt::format("cubic_coeff_a is {}", how.cubic));
  how.outside_excluded = values::int_attribute(node, "exclude_outside", 0) != 0;
  how.coordinates =
      old ? "asymmetric"
          : values::string_attribute(node, "coordinate_transformation_mode", "half_pixel");
  how.rounding = old ? "before opset 11"
                     : values::string_attribute(node, "nearest_mode", "round_prefer_floor");
  if (values::int_attribute(node, "antialias", 0) != 0) throw graph::Unsupported("antialias = 1");
  if (how.outside_excluded && how.mode != "cubic")
    throw graph::Unsupported(fmt::format("exclude_outside = 1 with mode '{}'", how.mode));
  values::float_attribute(node, "extrapolation_value", 0.0f);  // of tf_crop_and_resize alone
  if (how.coordinates == "tf_crop_and_resize")
    throw graph::Unsupported("coordinate_transformation_mode 'tf_crop_and_resize'");
  for (const char* known : {"asymmetric", "align_corners", "half_pixel", "half_pixel_symmetric",
                            "pytorch_half_pixel", "tf_half_pixel_for_nn"}) {
    if (how.coordinates == known) return how;
  }
  throw Error(fmt::format("coordinate_transformation_mode is '{}'", how.coordinates));
}

/// `input` with its rows and columns as `dims` say; operators are named after `step`.
Operand resized(ImportContext& context, const onnx::NodeProto& node, const Operand& input,
                const Resizing& how, const std::vector<Resized>& dims, const std::string& step) {
  const int64_t channels = context.graph.shape(input.value).c;
  const std::vector<Phase> one = {{0, 1, 1, 0, 1, {1.0}, {}}};
  const std::vector<Phase> rows = dims.size() == 3 ? one : phases_of(how, dims[2]),
                           columns = phases_of(how, dims.back());
  const auto make = [&](const Phase& r, const Phase& c) { return interpolation(channels, r, c); };
  if (static_cast<int64_t>(rows.size() * columns.size()) <= kMaxParts)
    return join_phases(context, node, input, channels, rows, columns, make, step);
  // Rows first, then columns.
  const auto all = [&](const Resized& d) {
    return std::vector<Phase>{{0, 1, d.in, 0, 1, {1.0}, {}}};
  };
  const Operand tall =
      join_phases(context, node, input, channels, rows, all(dims.back()), make, step + "/rows");
  Resized height = dims[dims.size() - 2];
  height.in = context.graph.shape(tall.value).h;
  return join_phases(context, node, tall, channels, all(height), columns, make, step);
}

/// The parts of a concat of channels that the network has rounded, each to codes of its own;
/// nothing if `v` is no such.
std::vector<graph::ValueId> rounded_apart(const graph::Graph& graph, graph::ValueId v) {
  const int at = graph.producer(v);
  if (at < 0 || passes::stated_codes(graph, v)) return {};
  const graph::Node& join = graph.nodes[static_cast<size_t>(at)];
  const auto* concat = join.if_is<graph::Concat>();
  const bool rounded =
      concat != nullptr && concat->axis == graph::Axis::kChannel &&
      std::all_of(join.inputs.begin(), join.inputs.end(), [&](graph::ValueId part) {
        return passes::stated_codes(graph, part).has_value();
      });
  return rounded ? join.inputs : std::vector<graph::ValueId>();
}

void resize(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.activation(node, 0, "input");
  const bool old = context.opset() < 11 || node.op_type() == "Upsample";
  const Resizing how = read_resizing(node, old);
  std::vector<Resized> dims = Target(context, node, input, old ? 1 : 2).dims();
  const bool same =
      std::all_of(dims.begin(), dims.end(), [](const Resized& d) { return d.out == d.in; });
  if (same) return context.define(node.output(0), input);
  if (input.integers && how.mode != "nearest")
    throw graph::Unsupported(
        fmt::format("mode '{}' of integers, expected them dequantised", how.mode));
  if (dims.size() < 3 || dims.size() > 4)
    throw graph::Unsupported(fmt::format("of a {} tensor", values::dims_text(input.dims)));
  if (dims[0].out != dims[0].in || dims[1].out != dims[1].in)
    throw graph::Unsupported("of batch or channels");
  const auto parts = how.mode == "nearest" ? std::vector<graph::ValueId>()
                                           : rounded_apart(context.graph, input.value);
  if (parts.empty())
    return context.define(node.output(0), resized(context, node, input, how, dims, ""));
  // Interpolated apart, each part keeps its integers: no codes hold the concat.
  graph::Node join = graph::make_node(graph::Concat{}, {});
  values::Dims whole;
  for (const Resized& d : dims) whole.push_back(d.out);
  for (const graph::ValueId v : parts) {
    Operand part = input;
    part.value = v;
    part.dims[1] = context.graph.shape(v).c;
    const std::string step = fmt::format("/part{}", join.inputs.size());
    join.inputs.push_back(resized(context, node, part, how, dims, step).value);
  }
  context.define(node.output(0), context.make(node, std::move(join), whole, input.channels_last));
}

}  // namespace

void add_resize_translators(Translators& table) {
  table["Resize"] = resize;
  table["Upsample"] = resize;
}

}  // namespace systole::importer
