// SPDX-License-Identifier: Apache-2.0
// Operators on the host that change a tensor's shape or put tensors together.
#include <algorithm>
#include <numeric>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

values::Literal with_dims(const values::Literal& in, values::Dims dims) {
  if (values::element_count(dims, "result") != in.size())
    throw Error(
        fmt::format("{} cannot become {}", values::dims_text(in.dims), values::dims_text(dims)));
  values::Literal result = in;
  result.dims = std::move(dims);
  return result;
}

HostResults identity(const HostCall& call) {
  const bool drops = call.node.op_type() == "Dropout" && call.has(2) && call.at(2).size() == 1 &&
                     !call.at(2).is_float && call.at(2).ints[0] != 0;
  const bool some = !call.has(1) || call.at(1).size() != 1 || call.floats(1).floats[0] != 0.0f;
  if (drops && some) throw graph::Unsupported("training mode: random elements are dropped");
  HostResults results = {call.at(0)};
  if (call.node.op_type() == "Dropout" && call.node.output_size() > 1) {
    values::Literal mask = zeros(call.at(0).dims, false);
    std::fill(mask.ints.begin(), mask.ints.end(), 1);
    results.push_back(std::move(mask));
  }
  return results;
}

HostResults reshape(const HostCall& call) {
  const values::Literal& in = call.at(0);
  values::Dims dims = call.ints(1, "shape", {});
  const bool zero_is_zero = call.attribute("allowzero", 0) != 0;
  int64_t known = 1;
  size_t inferred = dims.size();
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !zero_is_zero) {
      if (i >= in.dims.size())
        throw Error("the shape copies a dimension that the input does not have");
      dims[i] = in.dims[i];
    }
    if (dims[i] == -1) {
      if (inferred != dims.size()) throw Error("the shape holds -1 twice");
      inferred = i;
    } else {
      known = values::element_count({known, dims[i]}, "shape");
    }
  }
  if (inferred != dims.size()) {
    if (known == 0 || in.size() % known != 0)
      throw Error(
          fmt::format("{} cannot become {}", values::dims_text(in.dims), values::dims_text(dims)));
    dims[inferred] = in.size() / known;
  }
  return {with_dims(in, std::move(dims))};
}

HostResults flatten(const HostCall& call) {
  const int64_t rank = call.rank(0), stated = call.attribute("axis", 1);
  const int64_t axis = stated == rank ? rank : values::normalise_axis(stated, rank);
  values::Dims dims = {1, 1};
  for (int64_t i = 0; i < rank; ++i)
    dims[i < axis ? 0 : 1] *= call.at(0).dims[static_cast<size_t>(i)];
  return {with_dims(call.at(0), dims)};
}

HostResults squeeze(const HostCall& call) {
  std::vector<int64_t> axes = call.ints(1, "axes", {});
  for (int64_t& axis : axes) axis = values::normalise_axis(axis, call.rank(0));
  values::Dims dims;
  for (int64_t i = 0; i < call.rank(0); ++i) {
    const int64_t size = call.at(0).dims[static_cast<size_t>(i)];
    const bool named = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!(named || (axes.empty() && size == 1))) dims.push_back(size);
  }
  return {with_dims(call.at(0), dims)};
}

HostResults unsqueeze(const HostCall& call) {
  std::vector<int64_t> axes = call.ints(1, "axes", {});
  const int64_t rank = call.rank(0) + static_cast<int64_t>(axes.size());
  for (int64_t& axis : axes) axis = values::normalise_axis(axis, rank);
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    throw Error("axes name a dimension twice");
  values::Dims dims = call.at(0).dims;
  for (int64_t axis : axes) dims.insert(dims.begin() + axis, 1);
  return {with_dims(call.at(0), dims)};
}

/// Elements of `in` at the positions of a walk over `dims` from `first` by `strides`.
values::Literal strided(const values::Literal& in, const values::Dims& dims,
                        const values::Dims& strides) {
  values::Literal result = zeros(dims, in.is_float);
  with_elements(result, in, [&](auto& to, const auto& from) {
    size_t at = 0;
    walk<1>(dims, {strides}, {0},
            [&](const auto& p) { to[at++] = from[static_cast<size_t>(p[0])]; });
  });
  return result;
}

HostResults transpose(const HostCall& call) {
  const values::Literal& in = call.at(0);
  std::vector<int64_t> order(in.dims.size());
  std::iota(order.rbegin(), order.rend(), 0);
  const std::vector<int64_t> perm = values::ints_attribute(call.node, "perm", order);
  if (!std::is_permutation(perm.begin(), perm.end(), order.begin(), order.end()))
    throw Error("perm is not a permutation of the dimensions");
  const values::Dims dense = dense_strides(in.dims);
  values::Dims dims, strides;
  for (int64_t p : perm) {
    dims.push_back(in.dims[static_cast<size_t>(p)]);
    strides.push_back(dense[static_cast<size_t>(p)]);
  }
  return {strided(in, dims, strides)};
}

HostResults expand(const HostCall& call) {
  const values::Dims dims = broadcast_dims(call.at(0).dims, call.ints(1, "shape", {}));
  return {strided(call.at(0), dims, broadcast_strides(call.at(0).dims, dims))};
}

HostResults tile(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const std::vector<int64_t> repeats = call.ints(1, "repeats", {});
  if (repeats.size() != in.dims.size()) throw Error("repeats do not fit the tensor");
  // Each dimension is two: which copy, and where in it.
  values::Dims split, strides, dims;
  const values::Dims dense = dense_strides(in.dims);
  for (size_t d = 0; d < in.dims.size(); ++d) {
    split.insert(split.end(), {repeats[d], in.dims[d]});
    strides.insert(strides.end(), {0, dense[d]});
    dims.push_back(repeats[d] * in.dims[d]);
  }
  values::element_count(dims, "result");
  values::Literal result = strided(in, split, strides);
  result.dims = std::move(dims);
  return {std::move(result)};
}

HostResults concat(const HostCall& call) {
  const auto axis =
      static_cast<size_t>(values::normalise_axis(call.attribute("axis", 0), call.rank(0)));
  values::Dims dims = call.at(0).dims;
  dims[axis] = 0;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    values::Dims part = call.at(i).dims;
    if (part.size() != dims.size() || call.at(i).is_float != call.at(0).is_float)
      throw Error("tensors that do not fit together");
    dims[axis] += part[axis];
    part[axis] = dims[axis];
    if (part != dims) throw Error("tensors that do not fit together");
  }
  values::Literal result = zeros(dims, call.at(0).is_float);
  const values::Dims strides = dense_strides(dims);
  int64_t first = 0;
  for (const values::Literal* part : call.inputs) {
    with_elements(result, *part, [&](auto& to, const auto& from) {
      size_t at = 0;
      walk<1>(part->dims, {strides}, {first},
              [&](const auto& p) { to[static_cast<size_t>(p[0])] = from[at++]; });
    });
    first += part->dims[axis] * strides[axis];
  }
  return {std::move(result)};
}

HostResults shape(const HostCall& call) {
  const int64_t rank = call.rank(0);
  const auto bound = [&](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + rank : v, 0, rank); };
  const int64_t start = bound(call.attribute("start", 0));
  const int64_t end = std::max(start, bound(call.attribute("end", rank)));
  const values::Dims& dims = call.at(0).dims;
  return {integers({end - start}, {dims.begin() + start, dims.begin() + end})};
}

HostResults size(const HostCall& call) { return {integers({}, {call.at(0).size()})}; }

HostResults constant(const HostCall& call) {
  const onnx::NodeProto& node = call.node;
  if (const auto* a = values::typed_attribute(node, "value", onnx::AttributeProto::TENSOR))
    return {values::read_literal(a->t(), call.context.folder)};
  if (const auto* a = values::typed_attribute(node, "value_int", onnx::AttributeProto::INT))
    return {integers({}, {a->i()})};
  if (const auto* a = values::typed_attribute(node, "value_ints", onnx::AttributeProto::INTS))
    return {integers({a->ints_size()}, {a->ints().begin(), a->ints().end()})};
  values::Literal literal;
  if (const auto* a = values::typed_attribute(node, "value_float", onnx::AttributeProto::FLOAT)) {
    literal.floats = {a->f()};
    return {std::move(literal)};
  }
  if (const auto* a = values::typed_attribute(node, "value_floats", onnx::AttributeProto::FLOATS)) {
    literal.floats.assign(a->floats().begin(), a->floats().end());
    literal.dims = {literal.size()};
    return {std::move(literal)};
  }
  throw graph::Unsupported("only number and tensor constants are supported");
}

HostResults constant_of_shape(const HostCall& call) {
  constexpr int64_t kMaxFilled = int64_t{1} << 24;  // elements that a few bytes of file may make
  const values::Dims dims = call.ints(0, "shape", {});
  const auto count = static_cast<size_t>(values::element_count(dims, "result", kMaxFilled));
  values::Literal value;
  value.floats = {0.0f};
  if (const auto* a = values::typed_attribute(call.node, "value", onnx::AttributeProto::TENSOR))
    value = values::read_literal(a->t(), call.context.folder);
  if (value.size() != 1) throw Error("the value of a ConstantOfShape is not one element");
  value.dims = dims;
  value.is_float ? value.floats.assign(count, value.floats[0])
                 : value.ints.assign(count, value.ints[0]);
  return {std::move(value)};
}

}  // namespace

void add_shape_host_operators(HostOperators& table) {
  table["Identity"] = identity;
  table["Dropout"] = identity;
  table["Reshape"] = reshape;
  table["Flatten"] = flatten;
  table["Squeeze"] = squeeze;
  table["Unsqueeze"] = unsqueeze;
  table["Transpose"] = transpose;
  table["Expand"] = expand;
  table["Tile"] = tile;
  table["Concat"] = concat;
  table["Shape"] = shape;
  table["Size"] = size;
  table["Constant"] = constant;
  table["ConstantOfShape"] = constant_of_shape;
}

}  // namespace systole::host
