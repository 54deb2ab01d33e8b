// SPDX-License-Identifier: Apache-2.0
// Quantisation that the network states itself: the codes of its tensors (docs/quantised.md).
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

#include "compiler/onnx/translate.h"

namespace systole::importer {

/// The codes of integers of `type` with this scale and zero point (of the integers). Throws
/// Unsupported if the hardware has no such codes.
graph::Codes make_codes(float scale, int64_t zero, const IntegerType& type);

/// `x` rounded to `codes`: its integers. `node` names what is added to the graph.
Operand quantised(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                  const graph::Codes& codes, const IntegerType& type, const std::string& step = "");

/// What the integers `x` stand for by `codes`.
Operand dequantised(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                    const graph::Codes& codes, const std::string& step = "");

/// The codes that inputs i + 1 (scale) and i + 2 (zero point) of `node` give integers of `type`,
/// one for the whole tensor.
graph::Codes codes_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                           const IntegerType& type);

/// The codes that the first reader of the integer input `name` gives it, if that is plain to see.
std::optional<graph::Codes> codes_of_input(ImportContext& context, const onnx::GraphProto& proto,
                                           const std::string& name, const IntegerType& type);

/// The integer type of an ONNX data type; nothing for others than those of 4 and 8 bits.
std::optional<IntegerType> integer_type(int data_type);

/// Whether `op` only moves elements, so that it may work on integers as well.
bool passes_codes(const std::string& op);

/// Takes over the scales of a convolution's constant weights, if they were dequantised. `axis`: the
/// dimension of the output channels; `bias`: null without one. Throws Unsupported for scales along
/// another dimension, and for integers of grouped convolutions that leave -128..127.
void take_scales(const values::Literal& weights, int64_t axis, const values::Literal* bias,
                 graph::Conv& conv);

}  // namespace systole::importer
