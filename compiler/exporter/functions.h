// SPDX-License-Identifier: Apache-2.0
// Functions of one variable as ONNX nodes.
#pragma once

#include <string>

#include "compiler/exporter/model_builder.h"
#include "compiler/graph/function.h"

namespace systole::exporter {

/// Adds what computes `f` of the tensor `x`. The last node is called `name` and gives `result`.
/// Throws Error for what ONNX has no operator for.
void write_function(ModelBuilder& model, const graph::Function& f, const std::string& x,
                    const std::string& name, const std::string& result);

}  // namespace systole::exporter
