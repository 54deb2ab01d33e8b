// SPDX-License-Identifier: Apache-2.0
// Translators of operators that move no element: identities and changes of shape.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "compiler/onnx/views.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// Throws Unsupported unless the items of a batch stay apart.
void keep_batch(const ImportContext& context, const values::Dims& from, const values::Dims& to) {
  const bool apart =
      !from.empty() && !to.empty() && from[0] == context.batch() && to[0] == context.batch();
  if (context.batch() == 1 || apart) return;
  throw graph::Unsupported(fmt::format("{} to {}: the leading dimension is not the batch {}",
                                       values::dims_text(from), values::dims_text(to),
                                       context.batch()));
}

/// `operand` with other dimensions; constants and activations alike.
void reshape_to(ImportContext& context, const onnx::NodeProto& node, const Operand& operand,
                const values::Dims& dims) {
  if (values::element_count(dims, "result", values::kMaxBatchElements) !=
      values::element_count(operand.dims, "input", values::kMaxBatchElements)) {
    throw Error(fmt::format("{} cannot become {}", values::dims_text(operand.dims),
                            values::dims_text(dims)));
  }
  if (operand.literal == nullptr) {
    keep_batch(context, operand.dims, dims);
    return context.define(node.output(0),
                          viewed(context, node, operand, dims, order_of(context, operand)));
  }
  values::Literal literal = *operand.literal;
  literal.dims = dims;
  const bool several = literal.scales && literal.scales->scale.size() > 1;
  if (several && (literal.scales->axis != 0 || dims.empty() || dims[0] != operand.dims[0]))
    throw graph::Unsupported("reshapes a constant that has a scale for each index of a dimension");
  context.define(node.output(0),
                 {dims, std::make_shared<values::Literal>(std::move(literal)), graph::kNoValue});
}

void identity(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.operand(node, 0);
  context.define(node.output(0), operand);
}

void dropout(ImportContext& context, const onnx::NodeProto& node) {
  if (context.has_operand(node, 2)) {
    const values::Literal& training = context.constant(node, 2, "training_mode");
    if (training.is_float || training.size() != 1 || training.ints[0] != 0)
      throw graph::Unsupported("training mode");
  }
  identity(context, node);
}

/// Between real types nothing is rounded; integers stand for themselves: codes of scale 1.
void cast(ImportContext& context, const onnx::NodeProto& node) {
  const auto to = static_cast<int>(values::int_attribute(node, "to", 0));
  if (!values::is_real_type(to))
    throw graph::Unsupported(fmt::format("cast to {}, expected FLOAT", values::type_name(to)));
  const Operand x = context.operand(node, 0);
  if (!x.integers) return context.define(node.output(0), x);
  context.define(node.output(0), dequantised(context, node, x, make_codes(1.0f, 0, *x.integers)));
}

void flatten(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.operand(node, 0);
  const auto rank = static_cast<int64_t>(operand.dims.size());
  const int64_t stated = values::int_attribute(node, "axis", 1);
  const int64_t axis = stated == rank ? rank : values::normalise_axis(stated, rank);
  values::Dims dims = {1, 1};
  for (int64_t i = 0; i < rank; ++i) dims[i < axis ? 0 : 1] *= operand.dims[static_cast<size_t>(i)];
  reshape_to(context, node, operand, dims);
}

void reshape(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.operand(node, 0);
  const values::Literal& target = context.constant(node, 1, "shape");
  if (target.is_float || target.dims.size() != 1)
    throw Error("the shape is not a list of integers");
  const bool zero_is_zero = values::int_attribute(node, "allowzero", 0) != 0;
  values::Dims dims = target.ints;
  int64_t known = 1;
  size_t inferred = dims.size();
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !zero_is_zero) {
      if (i >= operand.dims.size())
        throw Error("the shape copies a dimension that the input does not have");
      dims[i] = operand.dims[i];
    }
    if (dims[i] == -1) {
      if (inferred != dims.size()) throw Error("the shape holds -1 twice");
      inferred = i;
    } else if (dims[i] < 0 || dims[i] > values::kMaxConstant || known > values::kMaxConstant) {
      throw Error(fmt::format("dimension {} of the shape is {}", i, dims[i]));
    } else {
      known *= dims[i];
    }
  }
  if (inferred != dims.size()) {
    const int64_t total = values::element_count(operand.dims, "input", values::kMaxBatchElements);
    if (known == 0 || total % known != 0) {
      throw Error(fmt::format("{} cannot become {}", values::dims_text(operand.dims),
                              values::dims_text(target.ints)));
    }
    dims[inferred] = total / known;
  }
  reshape_to(context, node, operand, dims);
}

void squeeze(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.operand(node, 0);
  const auto rank = static_cast<int64_t>(operand.dims.size());
  std::vector<int64_t> axes = ints_operand(context, node, 1, "axes", {});
  for (int64_t& axis : axes) axis = values::normalise_axis(axis, rank);
  values::Dims dims;
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t size = operand.dims[static_cast<size_t>(i)];
    const bool named = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (named && size != 1)
      throw Error(fmt::format("dimension {} to squeeze is {}, expected 1", i, size));
    if (!(named || (axes.empty() && size == 1))) dims.push_back(size);
  }
  reshape_to(context, node, operand, dims);
}

void unsqueeze(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.operand(node, 0);
  std::vector<int64_t> axes = ints_operand(context, node, 1, "axes", {});
  const auto rank = static_cast<int64_t>(operand.dims.size() + axes.size());
  for (int64_t& axis : axes) axis = values::normalise_axis(axis, rank);
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    throw Error("axes name a dimension twice");
  values::Dims dims = operand.dims;
  for (int64_t axis : axes) dims.insert(dims.begin() + axis, 1);
  reshape_to(context, node, operand, dims);
}

/// A transposition changes in which order the elements of a value are read, no more.
void transpose(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.any_activation(node, 0, "input");
  std::vector<int64_t> perm(operand.dims.size());
  std::iota(perm.rbegin(), perm.rend(), 0);
  const std::vector<int64_t> identity_order(perm.rbegin(), perm.rend());
  perm = values::ints_attribute(node, "perm", perm);
  if (!std::is_permutation(perm.begin(), perm.end(), identity_order.begin(),
                           identity_order.end())) {
    throw Error("perm is not a permutation of the dimensions");
  }
  const bool moves_batch = !perm.empty() && perm[0] != 0 && operand.dims[0] == context.batch();
  if (moves_batch && (context.batch() > 1 || context.graph.stated_batch == 0)) {
    throw graph::Unsupported(fmt::format("transposing {} by [{}] would move the batch",
                                         values::dims_text(operand.dims), fmt::join(perm, ", ")));
  }
  const Operand result = transposed(context, node, operand, perm);
  keep_batch(context, operand.dims, result.dims);
  context.define(node.output(0), result);
}

}  // namespace

void add_shape_translators(Translators& table) {
  table["Identity"] = identity;
  table["Dropout"] = dropout;
  table["Cast"] = cast;
  table["Flatten"] = flatten;
  table["Reshape"] = reshape;
  table["Squeeze"] = squeeze;
  table["Unsqueeze"] = unsqueeze;
  table["Transpose"] = transpose;
}

}  // namespace systole::importer
