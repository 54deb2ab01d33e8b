// SPDX-License-Identifier: Apache-2.0
// The float half of the front: file to optimised float graph.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/graph/graph.h"

namespace systole {

/// Imports `onnx` and runs the passes; every error names the file.
Graph load_graph(const std::filesystem::path& onnx, std::vector<std::string>* warnings,
                 std::string* dump, const InputShapes& shapes = {});

}  // namespace systole
