// SPDX-License-Identifier: Apache-2.0
// What is known of the results of the host's nodes before they have run.
#pragma once

#include "compiler/onnx/translate.h"
#include "compiler/pipeline/survey.h"

namespace systole::pipeline {

/// Whether the shape of the results of `op` depends on the elements of its input `input`, which
/// then has to be constant.
bool shape_depends_on(const std::string& op, int input);

/// A value for input `input` of `node`, to find the shapes of its results with.
values::Literal example(const onnx::NodeProto& node, int input, const ValueType& type);

/// Whether `op` rounds to integers or turns them into what they stand for.
bool rounds(const std::string& op);

/// Whether the network says for some of its values which codes they are rounded to.
bool states_codes(const onnx::GraphProto& graph);

/// Whether each element of the results of `op` follows from those of its operands at its place.
bool computes_elements(const std::string& op);

/// The ONNX type of integers of at most 8 bits.
int data_type(const importer::IntegerType& type);

/// The codes that the network rounds the first result of `node` to, which the host computes.
std::optional<graph::Codes> codes_of_result(importer::ImportContext& context, const Survey& survey,
                                            const onnx::NodeProto& node);

}  // namespace systole::pipeline
