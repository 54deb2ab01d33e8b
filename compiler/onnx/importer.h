// SPDX-License-Identifier: Apache-2.0
// ONNX file to float graph.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/graph/graph.h"

namespace systole {

/// Reads a network. Constants are folded, identities removed; every operator is one of graph.h.
/// `shapes`: dimensions of inputs by name. Throws Error: kBadInput (broken file, first problem) or
/// kCannotCompile (all nodes that are not supported).
Graph import_onnx(const std::filesystem::path& path, std::vector<std::string>* warnings = nullptr,
                  const InputShapes& shapes = {});

/// The ONNX operators that import_onnx takes on activations, sorted (docs/operators.md).
std::vector<std::string> supported_operators();

}  // namespace systole
