// SPDX-License-Identifier: Apache-2.0
// Operators on the host that read maps at positions that are data: GridSample and RoiAlign.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"
#include "compiler/host/windows.h"

namespace systole::host {

namespace {

struct GridModes {
  std::string mode, padding;
  bool align = false;
};

/// `x` of an axis of `size` elements thrown back at its ends.
double reflected(double x, int64_t size, bool align) {
  const double lo = align ? 0.0 : -0.5, hi = static_cast<double>(size) - (align ? 1.0 : 0.5);
  const double range = hi - lo;
  if (range <= 0) return 0;
  if (x >= lo && x <= hi) return x;
  const double beyond = x < lo ? lo - x : x - hi;
  const double rest = std::fmod(beyond, range);
  const bool from_lo = (static_cast<int64_t>(beyond / range) % 2 == 0) == (x < lo);
  return from_lo ? lo + rest : hi - rest;
}

/// The element that position `i` of an axis stands for; -1: zero.
int64_t padded_index(int64_t i, int64_t size, const GridModes& m) {
  if (m.padding == "border") return std::clamp<int64_t>(i, 0, size - 1);
  if (m.padding == "reflection")
    return std::clamp<int64_t>(
        static_cast<int64_t>(reflected(static_cast<double>(i), size, m.align)), 0, size - 1);
  return i >= 0 && i < size ? i : -1;
}

double cubic_weight(double distance) {
  constexpr double a = -0.75;
  const double d = std::fabs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

struct AxisTap {
  int64_t at;
  double weight;
};

/// The elements of an axis that position `x` is made of.
std::vector<AxisTap> axis_taps(double x, int64_t size, const GridModes& m) {
  const bool cubic = m.mode == "cubic" || m.mode == "bicubic";
  if (m.mode == "nearest") return {{padded_index(std::llrint(x), size, m), 1.0}};
  if (!cubic && m.padding == "border") x = std::clamp(x, 0.0, static_cast<double>(size - 1));
  if (!cubic && m.padding == "reflection") x = reflected(x, size, m.align);
  const auto base = static_cast<int64_t>(std::floor(x));
  std::vector<AxisTap> taps;
  for (int64_t i = base - (cubic ? 1 : 0); i <= base + (cubic ? 2 : 1); ++i) {
    const double d = static_cast<double>(i) - x;
    taps.push_back({padded_index(i, size, m), cubic ? cubic_weight(d) : 1 - std::fabs(d)});
  }
  return taps;
}

/// The weighted sum over all combinations of the axes' taps.
double sampled(const float* map, const values::Dims& strides,
               const std::vector<std::vector<AxisTap>>& taps, size_t axis, int64_t at) {
  if (axis == taps.size()) return map[at];
  double sum = 0;
  for (const AxisTap& tap : taps[axis])
    if (tap.at >= 0)
      sum += tap.weight * sampled(map, strides, taps, axis + 1, at + tap.at * strides[axis]);
  return sum;
}

HostResults grid_sample(const HostCall& call) {
  const values::Literal &x = call.floats(0), &grid = call.floats(1);
  const values::Dims spatial = spatial_dims(x.dims);
  const auto rank = static_cast<int64_t>(spatial.size());
  if (grid.dims.size() != x.dims.size() || grid.dims.back() != rank || grid.dims[0] != x.dims[0])
    throw Error(fmt::format("grid {} does not fit {}", values::dims_text(grid.dims),
                            values::dims_text(x.dims)));
  const GridModes m{values::string_attribute(call.node, "mode", "bilinear"),
                    values::string_attribute(call.node, "padding_mode", "zeros"),
                    call.attribute("align_corners", 0) != 0};
  values::Dims dims = {x.dims[0], x.dims[1]};
  dims.insert(dims.end(), grid.dims.begin() + 1, grid.dims.end() - 1);
  values::Literal result = zeros(dims, true);
  const values::Dims strides = dense_strides(spatial);
  const int64_t area = values::element_count(spatial, "map");
  const int64_t points = grid.size() / rank / x.dims[0];
  std::vector<std::vector<AxisTap>> taps(spatial.size());
  for (int64_t i = 0; i < points * x.dims[0]; ++i) {
    for (int64_t d = 0; d < rank; ++d) {  // the grid states the last axis first
      const double g = grid.floats[static_cast<size_t>(i * rank + rank - 1 - d)];
      const auto size = spatial[static_cast<size_t>(d)];
      const auto length = static_cast<double>(size);
      const double at = m.align ? (g + 1) / 2 * (length - 1) : ((g + 1) * length - 1) / 2;
      taps[static_cast<size_t>(d)] = axis_taps(at, size, m);
    }
    const int64_t n = i / points;
    for (int64_t c = 0; c < x.dims[1]; ++c) {
      const int64_t map = n * x.dims[1] + c;
      result.floats[static_cast<size_t>(map * points + i % points)] =
          static_cast<float>(sampled(x.floats.data() + map * area, strides, taps, 0, 0));
    }
  }
  return {std::move(result)};
}

/// Linear interpolation at (y, x), as the sum or as the largest of its four parts.
double roi_sample(const float* map, int64_t height, int64_t width, double y, double x, bool most) {
  if (y < -1 || y > static_cast<double>(height) || x < -1 || x > static_cast<double>(width))
    return 0;
  y = std::max(y, 0.0);
  x = std::max(x, 0.0);
  int64_t top = static_cast<int64_t>(y), left = static_cast<int64_t>(x);
  if (top >= height - 1) y = static_cast<double>(top = height - 1);
  if (left >= width - 1) x = static_cast<double>(left = width - 1);
  const int64_t bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
  const double v = y - static_cast<double>(top), u = x - static_cast<double>(left);
  const double parts[] = {
      (1 - v) * (1 - u) * map[top * width + left], (1 - v) * u * map[top * width + right],
      v * (1 - u) * map[bottom * width + left], v * u * map[bottom * width + right]};
  return most ? *std::max_element(parts, parts + 4) : parts[0] + parts[1] + parts[2] + parts[3];
}

HostResults roi_align(const HostCall& call) {
  const values::Literal &x = call.floats(0), &rois = call.floats(1), &items = call.at(2);
  if (x.dims.size() != 4 || rois.dims.size() != 2 || rois.dims[1] != 4 || items.is_float ||
      items.size() != rois.dims[0])
    throw Error("regions do not fit the tensor");
  const std::string mode = values::string_attribute(call.node, "mode", "avg");
  if (mode != "avg" && mode != "max") throw graph::Unsupported(fmt::format("mode '{}'", mode));
  const std::string how =
      values::string_attribute(call.node, "coordinate_transformation_mode",
                               call.context.opset < 16 ? "output_half_pixel" : "half_pixel");
  const double scale = values::float_attribute(call.node, "spatial_scale", 1.0f);
  const double offset = how == "half_pixel" ? 0.5 : 0.0;
  const int64_t rows = call.attribute("output_height", 1),
                columns = call.attribute("output_width", 1);
  const int64_t ratio = call.attribute("sampling_ratio", 0);
  const int64_t height = x.dims[2], width = x.dims[3];
  values::Literal result = zeros({rois.dims[0], x.dims[1], rows, columns}, true);
  size_t to = 0;
  for (int64_t r = 0; r < rois.dims[0]; ++r) {
    const float* roi = rois.floats.data() + r * 4;
    const double x0 = roi[0] * scale - offset, y0 = roi[1] * scale - offset;
    double w = roi[2] * scale - offset - x0, h = roi[3] * scale - offset - y0;
    if (offset == 0) {
      w = std::max(w, 1.0);
      h = std::max(h, 1.0);
    }
    const double bin_h = h / static_cast<double>(rows), bin_w = w / static_cast<double>(columns);
    const int64_t grid_h = ratio > 0 ? ratio : static_cast<int64_t>(std::ceil(bin_h));
    const int64_t grid_w = ratio > 0 ? ratio : static_cast<int64_t>(std::ceil(bin_w));
    const int64_t item = items.ints[static_cast<size_t>(r)];
    if (item < 0 || item >= x.dims[0]) throw Error(fmt::format("there is no item {}", item));
    for (int64_t c = 0; c < x.dims[1]; ++c) {
      const float* map = x.floats.data() + (item * x.dims[1] + c) * height * width;
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < columns; ++j) {
          double sum = 0, most = grid_h * grid_w > 0 ? -INFINITY : 0;
          for (int64_t a = 0; a < grid_h; ++a) {
            for (int64_t b = 0; b < grid_w; ++b) {
              const double y = y0 + (static_cast<double>(i) +
                                     (static_cast<double>(a) + 0.5) / static_cast<double>(grid_h)) *
                                        bin_h;
              const double z = x0 + (static_cast<double>(j) +
                                     (static_cast<double>(b) + 0.5) / static_cast<double>(grid_w)) *
                                        bin_w;
              const double v = roi_sample(map, height, width, y, z, mode == "max");
              sum += v;
              most = std::max(most, v);
            }
          }
          const auto count = static_cast<double>(std::max<int64_t>(grid_h * grid_w, 1));
          result.floats[to++] = static_cast<float>(mode == "max" ? most : sum / count);
        }
      }
    }
  }
  return {std::move(result)};
}

}  // namespace

void add_sampling_host_operators(HostOperators& table) {
  table["GridSample"] = grid_sample;
  table["RoiAlign"] = roi_align;
}

}  // namespace systole::host
