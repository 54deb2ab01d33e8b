// SPDX-License-Identifier: Apache-2.0
// Evaluation of nodes whose inputs are constants: shapes that exporters compute, transposed
// weights.
#pragma once

#include "compiler/onnx/translate.h"

namespace systole::importer {

/// Evaluates `node` if it can be known now and defines its result; false if it is not constant.
/// Throws Unsupported for a constant node of an operator that is not evaluated.
bool fold_constant(ImportContext& context, const onnx::NodeProto& node);

}  // namespace systole::importer
