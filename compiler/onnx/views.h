// SPDX-License-Identifier: Apache-2.0
// Changes of shape and order of dimensions are views of a value, until an operator reads them that
// needs [n, c, ...] or [n, ..., c].
#pragma once

#include "compiler/graph/element_order.h"
#include "compiler/onnx/translate.h"

namespace systole::importer {

/// The NCHW index in its value of each element of an item of `operand`, in the order it is stated.
graph::ElementOrder order_of(const ImportContext& context, const Operand& operand);

/// `of` with other dimensions and another order of its elements, `order`: plain, if its value is
/// of that shape, else a view that `node` made.
Operand viewed(const ImportContext& context, const onnx::NodeProto& node, const Operand& of,
               const values::Dims& dims, graph::ElementOrder order);

/// `operand` with its dimensions in the order `perm`; of several items the first stays the first.
Operand transposed(const ImportContext& context, const onnx::NodeProto& node,
                   const Operand& operand, const std::vector<int64_t>& perm);

/// `operand` as a value [n, ..., c] or [n, c, ...]: a reshape is added to the graph if it needs
/// one. Throws Unsupported.
Operand settled(ImportContext& context, const onnx::NodeProto& reader, const Operand& operand,
                bool channels_last);

/// Views and transposed operands of `node` become what its translator reads: reshapes are added to
/// the graph. Throws Unsupported for what has no shape of the accelerator.
void settle_operands(ImportContext& context, const onnx::NodeProto& node);

/// The operand of `node` that it treats element by element, if that is a view: the function of a
/// view is the view of the function. -1: none.
int viewed_operand(ImportContext& context, const onnx::NodeProto& node);

/// `operand` of any dimensions as [n, rows, features].
Operand as_rows(const ImportContext& context, const onnx::NodeProto& node, const Operand& operand);

/// The value that `operand` views, as it is.
Operand base_of(const ImportContext& context, const Operand& operand);

}  // namespace systole::importer
