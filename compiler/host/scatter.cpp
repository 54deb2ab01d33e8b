// SPDX-License-Identifier: Apache-2.0
// Operators on the host that read or write at indices that are data.
#include <algorithm>
#include <cmath>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// `index` of a dimension of `size`, negative ones from its end.
int64_t index_within(int64_t index, int64_t size) {
  if (index < -size || index >= size)
    throw Error(fmt::format("index {} is outside 0..{}", index, size - 1));
  return index < 0 ? index + size : index;
}

/// How an update joins what is there.
enum class Join { kReplace, kAdd, kMultiply, kMax, kMin };

Join join_of(const HostCall& call) {
  const std::string name = values::string_attribute(call.node, "reduction", "none");
  if (name == "none") return Join::kReplace;
  if (name == "add") return Join::kAdd;
  if (name == "mul") return Join::kMultiply;
  if (name == "max") return Join::kMax;
  if (name == "min") return Join::kMin;
  throw graph::Unsupported(fmt::format("reduction '{}'", name));
}

template <typename T>
void join(T& to, T update, Join how) {
  switch (how) {
    case Join::kReplace:
      to = update;
      return;
    case Join::kAdd:
      to += update;
      return;
    case Join::kMultiply:
      to *= update;
      return;
    case Join::kMax:
      to = std::max(to, update);
      return;
    case Join::kMin:
      to = std::min(to, update);
  }
}

/// The element that the tuple of `depth` indices at `tuple` begins at, in data of `dims`.
int64_t first_of(const values::Literal& indices, int64_t tuple, int64_t depth,
                 const values::Dims& dims, size_t batch, const values::Dims& strides) {
  int64_t at = 0;
  for (int64_t k = 0; k < depth; ++k) {
    const size_t d = batch + static_cast<size_t>(k);
    at += strides[d] * index_within(indices.ints[static_cast<size_t>(tuple * depth + k)], dims[d]);
  }
  return at;
}

HostResults gather_nd(const HostCall& call) {
  const values::Literal &data = call.at(0), &indices = call.at(1);
  if (indices.is_float || indices.dims.empty()) throw Error("indices are no integers");
  const auto batch = static_cast<size_t>(call.attribute("batch_dims", 0));
  const int64_t depth = indices.dims.back();
  const size_t used = batch + static_cast<size_t>(depth);
  if (used > data.dims.size() || batch >= indices.dims.size())
    throw Error("indices do not fit the tensor");
  values::Dims dims(indices.dims.begin(), indices.dims.end() - 1);
  dims.insert(dims.end(), data.dims.begin() + static_cast<std::ptrdiff_t>(used), data.dims.end());
  values::Literal result = zeros(dims, data.is_float);
  const values::Dims strides = dense_strides(data.dims);
  int64_t items = 1, slice = 1;
  for (size_t d = 0; d < batch; ++d) items *= indices.dims[d];
  for (size_t d = used; d < data.dims.size(); ++d) slice *= data.dims[d];
  const int64_t tuples = depth == 0 ? 0 : indices.size() / depth;
  const int64_t item_size = items == 0 ? 0 : data.size() / items;
  with_elements(result, data, [&](auto& to, const auto& from) {
    for (int64_t t = 0; t < tuples; ++t) {
      const int64_t first =
          t / (tuples / items) * item_size + first_of(indices, t, depth, data.dims, batch, strides);
      std::copy_n(from.begin() + first, slice, to.begin() + t * slice);
    }
  });
  return {std::move(result)};
}

HostResults scatter_nd(const HostCall& call) {
  const values::Literal &data = call.at(0), &indices = call.at(1), &updates = call.at(2);
  if (indices.is_float || indices.dims.empty() || updates.is_float != data.is_float)
    throw Error("operands of types that do not fit");
  const int64_t depth = indices.dims.back();
  if (depth > static_cast<int64_t>(data.dims.size())) throw Error("indices do not fit the tensor");
  const Join how = join_of(call);
  const values::Dims strides = dense_strides(data.dims);
  int64_t slice = 1;
  for (size_t d = static_cast<size_t>(depth); d < data.dims.size(); ++d) slice *= data.dims[d];
  const int64_t tuples = depth == 0 ? 0 : indices.size() / depth;
  if (updates.size() != tuples * slice) throw Error("updates do not fit the indices");
  values::Literal result = data;
  with_elements(result, updates, [&](auto& to, const auto& from) {
    for (int64_t t = 0; t < tuples; ++t) {
      const int64_t first = first_of(indices, t, depth, data.dims, 0, strides);
      for (int64_t i = 0; i < slice; ++i)
        join(to[static_cast<size_t>(first + i)], from[static_cast<size_t>(t * slice + i)], how);
    }
  });
  return {std::move(result)};
}

/// ScatterElements, and Scatter, its older name.
HostResults scatter_elements(const HostCall& call) {
  const values::Literal &data = call.at(0), &indices = call.at(1), &updates = call.at(2);
  if (indices.is_float || indices.dims != updates.dims || updates.is_float != data.is_float ||
      indices.dims.size() != data.dims.size())
    throw Error("indices and updates do not fit the tensor");
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  const Join how = join_of(call);
  values::Dims strides = dense_strides(data.dims);
  const int64_t step = strides[axis];
  strides[axis] = 0;
  for (size_t d = 0; d < data.dims.size(); ++d)
    if (d != axis && indices.dims[d] > data.dims[d]) throw Error("indices do not fit the tensor");
  values::Literal result = data;
  with_elements(result, updates, [&](auto& to, const auto& from) {
    size_t at = 0;
    walk<1>(indices.dims, {strides}, {0}, [&](const auto& p) {
      const int64_t i = index_within(indices.ints[at], data.dims[axis]);
      join(to[static_cast<size_t>(p[0] + i * step)], from[at], how);
      ++at;
    });
  });
  return {std::move(result)};
}

HostResults one_hot(const HostCall& call) {
  const values::Literal &indices = call.at(0), &depth = call.at(1), &values = call.at(2);
  if (depth.size() != 1 || values.size() != 2) throw Error("depth or values do not fit");
  const int64_t size = depth.is_float ? static_cast<int64_t>(depth.floats[0]) : depth.ints[0];
  const int64_t rank = call.rank(0) + 1;
  const auto axis = static_cast<size_t>(values::normalise_axis(call.attribute("axis", -1), rank));
  values::Dims dims = indices.dims;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), size);
  values::Literal result = zeros(dims, values.is_float);
  result.type = values.type;
  int64_t inner = 1;
  for (size_t d = axis + 1; d < dims.size(); ++d) inner *= dims[d];
  with_elements(result, values, [&](auto& to, const auto& from) {
    std::fill(to.begin(), to.end(), from[0]);
    for (int64_t i = 0; i < indices.size(); ++i) {
      const auto k = static_cast<size_t>(i);
      int64_t at = indices.is_float ? static_cast<int64_t>(indices.floats[k]) : indices.ints[k];
      if (at < -size || at >= size) continue;  // all of it is "off"
      if (at < 0) at += size;
      to[static_cast<size_t>((i / inner * size + at) * inner + i % inner)] = from[1];
    }
  });
  return {std::move(result)};
}

/// The elements, or slices along an axis, whose condition holds.
HostResults compress(const HostCall& call) {
  const values::Literal &in = call.at(0), &condition = call.at(1);
  if (condition.is_float) throw Error("the condition is no bool");
  const bool flat = values::find_attribute(call.node, "axis") == nullptr;
  const size_t axis =
      flat ? 0
           : static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  values::Dims dims = flat ? values::Dims{in.size()} : in.dims;
  const int64_t size = dims[axis];
  int64_t inner = 1;
  for (size_t d = axis + 1; d < dims.size(); ++d) inner *= dims[d];
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < std::min(size, condition.size()); ++i)
    if (condition.ints[static_cast<size_t>(i)] != 0) kept.push_back(i);
  dims[axis] = static_cast<int64_t>(kept.size());
  values::Literal result = zeros(dims, in.is_float);
  with_elements(result, in, [&](auto& to, const auto& from) {
    auto at = to.begin();
    const int64_t outer = size * inner == 0 ? 0 : in.size() / (size * inner);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i : kept) at = std::copy_n(from.begin() + (o * size + i) * inner, inner, at);
  });
  return {std::move(result)};
}

/// The indices of elements that are not zero, one column each.
HostResults non_zero(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const values::Dims strides = dense_strides(in.dims);
  std::vector<int64_t> found;
  for (int64_t i = 0; i < in.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (in.is_float ? in.floats[at] != 0 : in.ints[at] != 0) found.push_back(i);
  }
  const auto count = static_cast<int64_t>(found.size());
  values::Literal result = zeros({call.rank(0), count}, false);
  for (size_t d = 0; d < in.dims.size(); ++d)
    for (size_t k = 0; k < found.size(); ++k)
      result.ints[d * found.size() + k] = found[k] / strides[d] % in.dims[d];
  return {std::move(result)};
}

/// The first elements along the time axis, as many as each sequence has, in reverse.
HostResults reverse_sequence(const HostCall& call) {
  const values::Literal &in = call.at(0), &lengths = call.at(1);
  const auto time = static_cast<size_t>(call.attribute("time_axis", 0)),
             batch = static_cast<size_t>(call.attribute("batch_axis", 1));
  if (lengths.is_float || std::max(time, batch) >= in.dims.size() ||
      lengths.size() != in.dims[batch])
    throw Error("sequence lengths do not fit the tensor");
  const values::Dims strides = dense_strides(in.dims);
  values::Literal result = in;
  with_elements(result, in, [&](auto& to, const auto& from) {
    for (size_t i = 0; i < from.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const int64_t t = at / strides[time] % in.dims[time];
      const int64_t length =
          lengths.ints[static_cast<size_t>(at / strides[batch] % in.dims[batch])];
      if (t < length) to[i] = from[static_cast<size_t>(at + (length - 1 - 2 * t) * strides[time])];
    }
  });
  return {std::move(result)};
}

HostResults eye_like(const HostCall& call) {
  const values::Dims& dims = call.at(0).dims;
  if (dims.size() != 2) throw Error("expected a matrix");
  const int64_t k = call.attribute("k", 0);
  const auto type = static_cast<int>(call.attribute("dtype", call.at(0).type));
  const bool real = type == 0
                        ? call.at(0).is_float
                        : type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::DOUBLE ||
                              type == onnx::TensorProto::FLOAT16;
  values::Literal result = zeros(dims, real);
  result.type = type;
  for (int64_t i = 0; i < dims[0]; ++i) {
    if (i + k < 0 || i + k >= dims[1]) continue;
    const auto at = static_cast<size_t>(i * dims[1] + i + k);
    if (real)
      result.floats[at] = 1;
    else
      result.ints[at] = 1;
  }
  return {std::move(result)};
}

}  // namespace

void add_scatter_host_operators(HostOperators& table) {
  table["GatherND"] = gather_nd;
  table["ScatterND"] = scatter_nd;
  table["ScatterElements"] = scatter_elements;
  table["Scatter"] = scatter_elements;
  table["OneHot"] = one_hot;
  table["Compress"] = compress;
  table["NonZero"] = non_zero;
  table["ReverseSequence"] = reverse_sequence;
  table["EyeLike"] = eye_like;
}

}  // namespace systole::host
