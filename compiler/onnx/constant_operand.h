// SPDX-License-Identifier: Apache-2.0
// Constants beside an activation: one value, one a channel, or one for each element of an item.
#pragma once

#include <vector>

#include "compiler/onnx/translate.h"

namespace systole::importer {

/// Whether dimension `axis` of `operand` numbers channels, with another one in a tensor of five.
bool numbers_channels(const Operand& operand, size_t axis);

/// A constant operand as it meets the elements of an activation (NumPy broadcasting).
struct ConstantOperand {
  /// One value; or one a channel of the activation's value; or, if `varies`, one for each element
  /// of an item, in NCHW order.
  std::vector<float> values;
  bool varies = false;  ///< from one row or column to another
};

/// Operand `i` of `node` beside the settled activation `to`. Throws Unsupported if `to` would be
/// broadcast, or for what differs from place to place in a network that states its scales.
ConstantOperand constant_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                                 const Operand& to);

/// Most elements of an item that constant_activation makes.
constexpr int64_t kMaxConstantElements = 4096;

/// An activation of `dims` that holds `values` (NCHW) in every item: what a convolution without
/// weights makes of its bias at a pixel of `beside`. `step` tells it apart from the node's other
/// operators.
Operand constant_activation(ImportContext& context, const onnx::NodeProto& node,
                            graph::ValueId beside, const values::Dims& dims, bool channels_last,
                            const std::vector<float>& values, const std::string& step);

/// The constant `literal`, one item, as an activation that can be joined with `beside`. Throws
/// Unsupported in a network that states its scales.
Operand joined_constant(ImportContext& context, const onnx::NodeProto& node,
                        const values::Literal& literal, const Operand& beside,
                        const std::string& step);

}  // namespace systole::importer
