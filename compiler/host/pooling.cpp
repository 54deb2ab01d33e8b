// SPDX-License-Identifier: Apache-2.0
// Pools of any number of dimensions on the host.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/windows.h"

namespace systole::host {

namespace {

/// The maps of a pool: [n * c] of `area` elements.
struct PooledMaps {
  values::Dims spatial, out_dims;
  HostWindow window;
  int64_t maps = 1, area = 1;
};

PooledMaps pooled_maps(const HostCall& call) {
  PooledMaps p;
  const values::Dims& dims = call.at(0).dims;
  p.spatial = spatial_dims(dims);
  p.window = host_window(call.node, p.spatial,
                         values::ints_attribute(call.node, "kernel_shape", {}), true);
  p.maps = dims[0] * dims[1];
  p.area = values::element_count(p.spatial, "map");
  p.out_dims = {dims[0], dims[1]};
  p.out_dims.insert(p.out_dims.end(), p.window.out.begin(), p.window.out.end());
  values::element_count(p.out_dims, "result");
  return p;
}

/// Position `at` of a row-major map, counted with the first dimension innermost.
int64_t column_major(int64_t at, const values::Dims& spatial) {
  int64_t index = 0;
  values::Dims place(spatial.size());
  for (size_t d = spatial.size(); d-- > 0; at /= spatial[d]) place[d] = at % spatial[d];
  for (size_t d = spatial.size(); d-- > 0;) index = index * spatial[d] + place[d];
  return index;
}

template <typename T>
void max_pool_of(const std::vector<T>& in, const PooledMaps& p, bool columns, std::vector<T>& out,
                 std::vector<int64_t>& indices) {
  TapOffsets offsets(p.window, p.spatial);
  const int64_t positions = p.window.positions();
  for (int64_t i = 0; i < positions; ++i) {
    const std::vector<int64_t>& taps = offsets.at(i);
    for (int64_t m = 0; m < p.maps; ++m) {
      const T* map = in.data() + m * p.area;
      T most = std::numeric_limits<T>::lowest();
      int64_t best = -1;
      for (int64_t at : taps) {
        if (at < 0 || (best >= 0 && !(map[at] > most))) continue;
        best = at;
        most = map[at];
      }
      const auto to = static_cast<size_t>(m * positions + i);
      out[to] = most;
      indices[to] = m * p.area + (columns && best >= 0 ? column_major(best, p.spatial) : best);
    }
  }
}

HostResults max_pool(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const PooledMaps p = pooled_maps(call);
  const bool columns = call.attribute("storage_order", 0) != 0;
  HostResults results = {zeros(p.out_dims, in.is_float), zeros(p.out_dims, false)};
  if (in.is_float)
    max_pool_of(in.floats, p, columns, results[0].floats, results[1].ints);
  else
    max_pool_of(in.ints, p, columns, results[0].ints, results[1].ints);
  if (call.node.output_size() < 2) results.pop_back();
  return results;
}

/// Puts the elements back where a max pool found them: the indices are those of the result's
/// elements. kernel_shape, strides and pads only tell its shape, where no output_shape does.
HostResults max_unpool(const HostCall& call) {
  const values::Literal &in = call.floats(0), &indices = call.at(1);
  if (indices.is_float || indices.dims != in.dims) throw Error("indices do not fit the tensor");
  const values::Dims spatial = spatial_dims(in.dims);
  const values::Dims kernel = values::ints_attribute(call.node, "kernel_shape", {});
  const values::Dims strides =
      values::ints_attribute(call.node, "strides", values::Dims(spatial.size(), 1));
  const values::Dims pads =
      values::ints_attribute(call.node, "pads", values::Dims(2 * spatial.size(), 0));
  if (kernel.size() != spatial.size() || strides.size() != kernel.size() ||
      pads.size() != 2 * kernel.size())
    throw Error("kernel_shape, strides or pads do not fit the tensor");
  values::Dims dims = in.dims;
  for (size_t d = 0; d < spatial.size(); ++d)
    dims[d + 2] = (spatial[d] - 1) * strides[d] - pads[d] - pads[kernel.size() + d] + kernel[d];
  if (call.has(2)) {
    if (call.at(2).ints.size() != dims.size()) throw Error("output_shape does not fit the tensor");
    dims = call.at(2).ints;
  }
  values::Literal result = zeros(dims, true);
  for (size_t i = 0; i < in.floats.size(); ++i) {
    const int64_t at = indices.ints[i];
    if (at < 0 || at >= result.size())
      throw Error(fmt::format("index {} is outside {}", at, values::dims_text(dims)));
    result.floats[static_cast<size_t>(at)] = in.floats[i];
  }
  return {std::move(result)};
}

HostResults average_pool(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const PooledMaps p = pooled_maps(call);
  const bool padding = call.attribute("count_include_pad", 0) != 0;
  values::Literal result = zeros(p.out_dims, true);
  TapOffsets offsets(p.window, p.spatial);
  const int64_t positions = p.window.positions();
  for (int64_t i = 0; i < positions; ++i) {
    const std::vector<int64_t>& taps = offsets.at(i);
    const auto real = std::count_if(taps.begin(), taps.end(), [](int64_t at) { return at >= 0; });
    const double count =
        static_cast<double>(std::max<int64_t>(padding ? offsets.padded_taps(i) : real, 1));
    for (int64_t m = 0; m < p.maps; ++m) {
      double sum = 0;
      for (int64_t at : taps)
        if (at >= 0) sum += in.floats[static_cast<size_t>(m * p.area + at)];
      result.floats[static_cast<size_t>(m * positions + i)] = static_cast<float>(sum / count);
    }
  }
  return {std::move(result)};
}

double lp_norm(const float* values, const std::vector<int64_t>& at, double p) {
  double sum = 0;
  for (int64_t i : at)
    if (i >= 0) sum += std::pow(std::fabs(double{values[i]}), p);
  return std::pow(sum, 1 / p);
}

HostResults lp_pool(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const PooledMaps p = pooled_maps(call);
  const auto power = static_cast<double>(call.attribute("p", 2));
  values::Literal result = zeros(p.out_dims, true);
  TapOffsets offsets(p.window, p.spatial);
  const int64_t positions = p.window.positions();
  for (int64_t i = 0; i < positions; ++i) {
    const std::vector<int64_t>& taps = offsets.at(i);
    for (int64_t m = 0; m < p.maps; ++m)
      result.floats[static_cast<size_t>(m * positions + i)] =
          static_cast<float>(lp_norm(in.floats.data() + m * p.area, taps, power));
  }
  return {std::move(result)};
}

/// The three global pools: each map to one element.
HostResults global_pool(const HostCall& call) {
  const values::Literal& in = call.floats(0);
  const values::Dims spatial = spatial_dims(in.dims);
  const int64_t area = values::element_count(spatial, "map");
  if (area == 0) throw Error("the maps are empty");
  values::Dims dims(in.dims.size(), 1);
  dims[0] = in.dims[0];
  dims[1] = in.dims[1];
  const std::string& op = call.node.op_type();
  const auto power = static_cast<double>(call.attribute("p", 2));
  values::Literal result = zeros(dims, true);
  for (size_t m = 0; m < result.floats.size(); ++m) {
    const float* map = in.floats.data() + static_cast<int64_t>(m) * area;
    double value = op == "GlobalMaxPool" ? map[0] : 0.0;
    for (int64_t i = 0; i < area; ++i) {
      if (op == "GlobalMaxPool")
        value = std::max(value, double{map[i]});
      else
        value += op == "GlobalLpPool" ? std::pow(std::fabs(double{map[i]}), power) : map[i];
    }
    if (op == "GlobalAveragePool") value /= static_cast<double>(area);
    if (op == "GlobalLpPool") value = std::pow(value, 1 / power);
    result.floats[m] = static_cast<float>(value);
  }
  return {std::move(result)};
}

}  // namespace

void add_pooling_host_operators(HostOperators& table) {
  table["MaxPool"] = max_pool;
  table["MaxUnpool"] = max_unpool;
  table["AveragePool"] = average_pool;
  table["LpPool"] = lp_pool;
  table["GlobalAveragePool"] = global_pool;
  table["GlobalMaxPool"] = global_pool;
  table["GlobalLpPool"] = global_pool;
}

}  // namespace systole::host
