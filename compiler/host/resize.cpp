// SPDX-License-Identifier: Apache-2.0
// Resize and Upsample on the host: every mode is a weighted sum along one axis after the other.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// One axis: sizes, scale, and the part that tf_crop_and_resize reads.
struct ResizedAxis {
  int64_t in = 1, out = 1;
  float scale = 1, start = 0, end = 1;
};

struct ResizeModes {
  std::string mode, coordinates, nearest;
  float cubic_a = -0.75f;
  bool exclude_outside = false, antialias = false;
  bool old = false;  ///< Upsample, and Resize of opset 10: nearest rounds up where it shrinks
};

/// The inputs and weights that make one output position; `outside`: it is extrapolated.
struct Contribution {
  std::vector<int64_t> from;
  std::vector<float> weight;
  bool outside = false;
};

/// Where output position `x` lies in the input, in binary32 as ONNX Runtime computes it.
float original_position(const ResizedAxis& a, const std::string& how, float x) {
  const auto in = static_cast<float>(a.in), out = static_cast<float>(a.out);
  if (how == "tf_crop_and_resize")
    return a.out > 1 ? a.start * (in - 1) + x * (a.end - a.start) * (in - 1) / (out - 1)
                     : 0.5f * (a.start + a.end) * (in - 1);
  if (a.scale == 1.0f && a.in == a.out) return x;
  if (how == "half_pixel") return (x + 0.5f) / a.scale - 0.5f;
  if (how == "pytorch_half_pixel") return a.out > 1 ? (x + 0.5f) / a.scale - 0.5f : 0.0f;
  if (how == "half_pixel_symmetric") {
    const float adjustment = out / (a.scale * in);
    return in / 2 * (1 - adjustment) + (x + 0.5f) / a.scale - 0.5f;
  }
  if (how == "align_corners") return a.out == 1 ? 0.0f : x * (in - 1) / (out - 1);
  if (how == "asymmetric") return x / a.scale;
  if (how == "tf_half_pixel_for_nn") return (x + 0.5f) / a.scale;
  throw graph::Unsupported(fmt::format("coordinate_transformation_mode '{}'", how));
}

int64_t nearest_to(float x, const ResizeModes& m, bool shrinks) {
  if (m.old) return static_cast<int64_t>(shrinks ? std::ceil(x) : std::floor(x));
  if (m.nearest == "round_prefer_floor")
    return static_cast<int64_t>(std::ceil(x - 0.5f) == x - 0.5f ? std::floor(x) : std::round(x));
  if (m.nearest == "round_prefer_ceil") return static_cast<int64_t>(std::floor(x + 0.5f));
  if (m.nearest == "floor") return static_cast<int64_t>(std::floor(x));
  if (m.nearest == "ceil") return static_cast<int64_t>(std::ceil(x));
  throw graph::Unsupported(fmt::format("nearest_mode '{}'", m.nearest));
}

float cubic(float distance, float a) {
  const float d = std::fabs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

/// Interpolation over a neighbourhood that grows where the axis shrinks (`antialias`).
Contribution interpolated(const ResizedAxis& axis, const ResizeModes& m, float x) {
  const bool linear = m.mode == "linear";
  const float squeeze = m.antialias ? std::min(axis.scale, 1.0f) : 1.0f;
  const float reach = (linear ? 1.0f : 2.0f) / squeeze;
  if (linear && squeeze == 1.0f) x = std::clamp(x, 0.0f, static_cast<float>(axis.in - 1));
  Contribution c;
  const auto first = static_cast<int64_t>(std::floor(x - reach)) + 1;
  const auto last = static_cast<int64_t>(std::ceil(x + reach)) - 1;
  float sum = 0;
  for (int64_t i = first; i <= last; ++i) {
    const float d = (static_cast<float>(i) - x) * squeeze;
    const float w = linear ? std::max(0.0f, 1 - std::fabs(d)) : cubic(d, m.cubic_a);
    const bool inside = i >= 0 && i < axis.in;
    if (!inside && m.exclude_outside) continue;
    c.from.push_back(std::clamp<int64_t>(i, 0, axis.in - 1));
    c.weight.push_back(w);
    sum += w;
  }
  if (m.exclude_outside || m.antialias)
    for (float& w : c.weight) w /= sum;
  return c;
}

std::vector<Contribution> contributions(const ResizedAxis& axis, const ResizeModes& m) {
  std::vector<Contribution> all;
  for (int64_t i = 0; i < axis.out; ++i) {
    const float x = original_position(axis, m.coordinates, static_cast<float>(i));
    Contribution c;
    if (m.mode == "nearest")
      c = {{std::clamp<int64_t>(nearest_to(x, m, axis.scale < 1), 0, axis.in - 1)}, {1.0f}, false};
    else
      c = interpolated(axis, m, x);
    c.outside =
        m.coordinates == "tf_crop_and_resize" && (x < 0 || x > static_cast<float>(axis.in - 1));
    all.push_back(std::move(c));
  }
  return all;
}

/// Replaces dimension `d` of `values` by the weighted sums; positions that are extrapolated become
/// `outside`.
template <typename T>
std::vector<T> along_axis(const std::vector<T>& values, values::Dims& dims, size_t d,
                          const std::vector<Contribution>& by, T outside) {
  int64_t inner = 1, outer = 1;
  for (size_t k = 0; k < d; ++k) outer *= dims[k];
  for (size_t k = d + 1; k < dims.size(); ++k) inner *= dims[k];
  const int64_t size = dims[d];
  dims[d] = static_cast<int64_t>(by.size());
  std::vector<T> result(static_cast<size_t>(values::element_count(dims, "result")));
  auto to = result.begin();
  for (int64_t o = 0; o < outer; ++o) {
    for (const Contribution& c : by) {
      for (int64_t i = 0; i < inner; ++i, ++to) {
        if (c.outside) {
          *to = outside;
        } else if (c.from.size() == 1) {
          *to = values[static_cast<size_t>((o * size + c.from[0]) * inner + i)];
        } else {
          float sum = 0;
          for (size_t k = 0; k < c.from.size(); ++k)
            sum +=
                c.weight[k] *
                static_cast<float>(values[static_cast<size_t>((o * size + c.from[k]) * inner + i)]);
          *to = static_cast<T>(sum);
        }
      }
    }
  }
  return result;
}

/// Sizes asked for while the ratio of rows and columns is kept.
void keep_ratio(const std::string& policy, std::vector<ResizedAxis*>& axes) {
  if (policy == "stretch") return;
  if (policy != "not_larger" && policy != "not_smaller")
    throw graph::Unsupported(fmt::format("keep_aspect_ratio_policy '{}'", policy));
  float scale = axes.at(0)->scale;
  for (const ResizedAxis* axis : axes)
    scale = policy == "not_larger" ? std::min(scale, axis->scale) : std::max(scale, axis->scale);
  for (ResizedAxis* axis : axes) {
    axis->scale = scale;
    axis->out = static_cast<int64_t>(std::floor(scale * static_cast<float>(axis->in) + 0.5f));
  }
}

std::vector<ResizedAxis> resized_axes(const HostCall& call, bool old) {
  const values::Dims& dims = call.at(0).dims;
  std::vector<ResizedAxis> all(dims.size());
  for (size_t d = 0; d < dims.size(); ++d) all[d].in = all[d].out = dims[d];
  std::vector<int64_t> named = values::ints_attribute(call.node, "axes", {});
  if (named.empty()) {
    named.resize(dims.size());
    std::iota(named.begin(), named.end(), 0);
  }
  std::vector<ResizedAxis*> axes;
  axes.reserve(named.size());
  for (int64_t axis : named)
    axes.push_back(&all[static_cast<size_t>(values::normalise_axis(axis, call.rank(0)))]);
  const size_t at = old ? 1 : 2;
  std::vector<float> scales;
  if (call.has(at)) scales = call.floats(at).floats;
  if (const auto* given = values::find_attribute(call.node, "scales");
      given != nullptr && scales.empty())
    scales.assign(given->floats().begin(), given->floats().end());
  const bool sizes = !old && call.has(3) && call.at(3).size() > 0;
  if (sizes ? call.at(3).size() != static_cast<int64_t>(axes.size()) : scales.size() != axes.size())
    throw Error("scales or sizes do not fit the tensor");
  for (size_t k = 0; k < axes.size(); ++k) {
    ResizedAxis& axis = *axes[k];
    axis.scale =
        sizes ? static_cast<float>(call.at(3).ints[k]) / static_cast<float>(axis.in) : scales[k];
    axis.out = sizes ? call.at(3).ints[k]
                     : static_cast<int64_t>(std::floor(axis.scale * static_cast<float>(axis.in)));
    if (!(axis.scale > 0) || axis.out < 1) throw Error(fmt::format("a scale of {}", axis.scale));
    if (!old && call.has(1) && call.at(1).size() == 2 * static_cast<int64_t>(axes.size())) {
      axis.start = call.floats(1).floats[k];
      axis.end = call.at(1).floats[axes.size() + k];
    }
  }
  const std::string policy =
      values::string_attribute(call.node, "keep_aspect_ratio_policy", "stretch");
  if (sizes) keep_ratio(policy, axes);
  return all;
}

HostResults resize(const HostCall& call) {
  const bool old = call.node.op_type() == "Upsample" || call.context.opset < 11;
  ResizeModes m;
  m.old = old;
  m.mode = values::string_attribute(call.node, "mode", "nearest");
  if (m.mode == "bilinear") m.mode = "linear";
  if (m.mode != "nearest" && m.mode != "linear" && m.mode != "cubic")
    throw graph::Unsupported(fmt::format("mode '{}'", m.mode));
  m.coordinates =
      old ? "asymmetric"
          : values::string_attribute(call.node, "coordinate_transformation_mode", "half_pixel");
  m.nearest = values::string_attribute(call.node, "nearest_mode", "round_prefer_floor");
  m.cubic_a = values::float_attribute(call.node, "cubic_coeff_a", -0.75f);
  m.exclude_outside = call.attribute("exclude_outside", 0) != 0;
  m.antialias = call.attribute("antialias", 0) != 0;
  const float outside = values::float_attribute(call.node, "extrapolation_value", 0.0f);
  const std::vector<ResizedAxis> axes = resized_axes(call, old);
  values::Literal result = call.at(0);
  for (size_t d = 0; d < axes.size(); ++d) {
    const bool crops =
        m.coordinates == "tf_crop_and_resize" && (axes[d].start != 0.0f || axes[d].end != 1.0f);
    if (axes[d].in == axes[d].out && axes[d].scale == 1.0f && !crops) continue;
    const std::vector<Contribution> by = contributions(axes[d], m);
    if (result.is_float)
      result.floats = along_axis(result.floats, result.dims, d, by, outside);
    else
      result.ints = along_axis(result.ints, result.dims, d, by, static_cast<int64_t>(outside));
  }
  return {std::move(result)};
}

}  // namespace

void add_resize_host_operators(HostOperators& table) {
  table["Resize"] = resize;
  table["Upsample"] = resize;
}

}  // namespace systole::host
