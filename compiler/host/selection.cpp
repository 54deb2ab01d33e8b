// SPDX-License-Identifier: Apache-2.0
// Operators on the host that take parts of tensors.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// A part of `in`: from element `first`, of `dims`, by `strides`.
values::Literal box(const values::Literal& in, const values::Dims& dims,
                    const values::Dims& strides, int64_t first) {
  values::Literal result = zeros(dims, in.is_float);
  with_elements(result, in, [&](auto& to, const auto& from) {
    size_t at = 0;
    walk<1>(dims, {strides}, {first},
            [&](const auto& p) { to[at++] = from[static_cast<size_t>(p[0])]; });
  });
  return result;
}

HostResults slice(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const std::vector<int64_t> starts = call.ints(1, "starts", {}), ends = call.ints(2, "ends", {});
  std::vector<int64_t> axes = call.ints(3, "axes", {});
  std::vector<int64_t> steps = call.ints(4, "steps", {});
  if (axes.empty()) {
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    throw Error("starts, ends, axes and steps differ in length");
  values::Dims dims = in.dims, strides = dense_strides(in.dims);
  int64_t first = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto d = static_cast<size_t>(values::normalise_axis(axes[i], call.rank(0)));
    const int64_t size = in.dims[d], step = steps[i];
    if (step == 0) throw Error("a step is 0");
    const int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
    const auto bound = [&](int64_t v) {
      return std::clamp<int64_t>(v < 0 ? v + size : v, lowest, highest);
    };
    const int64_t start = bound(starts[i]), end = bound(ends[i]);
    const int64_t room = step > 0 ? end - start : start - end;
    dims[d] = room <= 0 ? 0 : (room - 1) / std::abs(step) + 1;
    if (dims[d] > 0) first += start * strides[d];
    strides[d] *= step;
  }
  return {box(in, dims, strides, first)};
}

HostResults split(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  std::vector<int64_t> sizes = call.ints(1, "split", {});
  const int64_t parts = call.node.output_size(), whole = in.dims[axis];
  if (call.attribute("num_outputs", parts) != parts)
    throw Error("num_outputs is not the number of outputs");
  if (sizes.empty()) {
    const int64_t each = (whole + parts - 1) / parts;
    for (int64_t i = 0; i < parts; ++i) sizes.push_back(std::min(each, whole - i * each));
  }
  if (static_cast<int64_t>(sizes.size()) != parts) throw Error("split does not fit the outputs");
  const values::Dims strides = dense_strides(in.dims);
  HostResults results;
  int64_t at = 0;
  for (int64_t size : sizes) {
    if (size < 0 || at + size > whole) throw Error("split does not fit the tensor");
    values::Dims dims = in.dims;
    dims[axis] = size;
    results.push_back(box(in, dims, strides, at * strides[axis]));
    at += size;
  }
  return results;
}

HostResults gather(const HostCall& call) {
  const values::Literal &data = call.at(0), &index = call.at(1);
  if (index.is_float) throw Error("indices are floats, expected integers");
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  int64_t outer = 1, inner = 1;
  values::Dims dims;
  for (size_t d = 0; d < data.dims.size(); ++d) {
    if (d < axis) outer *= data.dims[d];
    if (d > axis) inner *= data.dims[d];
    if (d != axis) dims.push_back(data.dims[d]);
  }
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), index.dims.begin(),
              index.dims.end());
  values::element_count(dims, "result");
  values::Literal result = zeros(dims, data.is_float);
  std::vector<int64_t> rows;
  for (int64_t i : index.ints) {
    if (i < -data.dims[axis] || i >= data.dims[axis])
      throw Error(fmt::format("index {} is outside 0..{}", i, data.dims[axis] - 1));
    rows.push_back(i < 0 ? i + data.dims[axis] : i);
  }
  with_elements(result, data, [&](auto& to, const auto& from) {
    auto at = to.begin();
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t row : rows)
        at = std::copy_n(from.begin() + (o * data.dims[axis] + row) * inner, inner, at);
    }
  });
  return {std::move(result)};
}

HostResults gather_elements(const HostCall& call) {
  const values::Literal &data = call.at(0), &index = call.at(1);
  if (index.is_float || index.dims.size() != data.dims.size())
    throw Error("indices do not fit the tensor");
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  for (size_t d = 0; d < data.dims.size(); ++d) {
    if (d != axis && index.dims[d] > data.dims[d]) throw Error("indices do not fit the tensor");
  }
  values::Dims strides = dense_strides(data.dims);
  const int64_t step = strides[axis];
  strides[axis] = 0;
  values::Literal result = zeros(index.dims, data.is_float);
  with_elements(result, data, [&](auto& to, const auto& from) {
    size_t at = 0;
    walk<1>(index.dims, {strides}, {0}, [&](const auto& p) {
      const int64_t i = index.ints[at];
      if (i < -data.dims[axis] || i >= data.dims[axis])
        throw Error(fmt::format("index {} is outside 0..{}", i, data.dims[axis] - 1));
      to[at++] = from[static_cast<size_t>(p[0] + (i < 0 ? i + data.dims[axis] : i) * step)];
    });
  });
  return {std::move(result)};
}

/// The upper or lower triangle of matrices.
HostResults trilu(const HostCall& call) {
  values::Literal result = call.at(0);
  if (call.rank(0) < 2) throw Error("a tensor of less than two dimensions");
  const bool upper = call.attribute("upper", 1) != 0;
  const std::vector<int64_t> k = call.ints(1, "k", {0});
  if (k.size() != 1) throw Error("k is not one integer");
  const int64_t columns = result.dims.back(), rows = result.dims[result.dims.size() - 2];
  for (int64_t i = 0; i < result.size(); ++i) {
    const int64_t diagonal = i % columns - i / columns % rows - k[0];
    if (upper ? diagonal >= 0 : diagonal <= 0) continue;
    const auto at = static_cast<size_t>(i);
    if (result.is_float)
      result.floats[at] = 0;
    else
      result.ints[at] = 0;
  }
  return {std::move(result)};
}

/// DepthToSpace and SpaceToDepth: six dimensions, read in another order.
HostResults depth_space(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const int64_t b = call.attribute("blocksize", 0);
  if (in.dims.size() != 4 || b < 1) throw Error("expected [n, c, h, w] and a blocksize");
  const int64_t n = in.dims[0], c = in.dims[1], h = in.dims[2], w = in.dims[3];
  values::Dims split, order, dims;
  if (call.node.op_type() == "SpaceToDepth") {
    if (h % b != 0 || w % b != 0) throw Error("blocksize does not divide rows and columns");
    split = {n, c, h / b, b, w / b, b};
    order = {0, 3, 5, 1, 2, 4};
    dims = {n, c * b * b, h / b, w / b};
  } else {
    if (c % (b * b) != 0) throw Error("blocksize does not divide the channels");
    const std::string mode = values::string_attribute(call.node, "mode", "DCR");
    if (mode == "DCR") {
      split = {n, b, b, c / (b * b), h, w};
      order = {0, 3, 4, 1, 5, 2};
    } else {
      split = {n, c / (b * b), b, b, h, w};
      order = {0, 1, 4, 2, 5, 3};
    }
    dims = {n, c / (b * b), h * b, w * b};
  }
  const values::Dims dense = dense_strides(split);
  values::Dims sizes, strides;
  for (int64_t d : order) {
    sizes.push_back(split[static_cast<size_t>(d)]);
    strides.push_back(dense[static_cast<size_t>(d)]);
  }
  values::Literal result = box(in, sizes, strides, 0);
  result.dims = dims;
  return {std::move(result)};
}

HostResults range(const HostCall& call) {
  constexpr double kMost = 1 << 24;
  const auto number = [&](size_t i) {
    const values::Literal& l = call.at(i);
    if (l.size() != 1) throw Error("a bound is not one number");
    return l.is_float ? double{l.floats[0]} : static_cast<double>(l.ints[0]);
  };
  const double start = number(0), limit = number(1), delta = number(2);
  if (delta == 0) throw Error("the step is 0");
  const double count = std::max(0.0, std::ceil((limit - start) / delta));
  if (!(count <= kMost)) throw Error(fmt::format("{} elements", count));
  values::Literal result = zeros({static_cast<int64_t>(count)}, call.at(0).is_float);
  for (int64_t i = 0; i < result.dims[0]; ++i) {
    const double value = start + static_cast<double>(i) * delta;
    if (result.is_float)
      result.floats[static_cast<size_t>(i)] = static_cast<float>(value);
    else
      result.ints[static_cast<size_t>(i)] = static_cast<int64_t>(value);
  }
  return {std::move(result)};
}

}  // namespace

void add_selection_host_operators(HostOperators& table) {
  table["Slice"] = slice;
  table["Split"] = split;
  table["Gather"] = gather;
  table["GatherElements"] = gather_elements;
  table["Trilu"] = trilu;
  table["DepthToSpace"] = depth_space;
  table["SpaceToDepth"] = depth_space;
  table["Range"] = range;
}

}  // namespace systole::host
