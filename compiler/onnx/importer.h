// SPDX-License-Identifier: Apache-2.0
// ONNX file to float graph.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole {

/// Reads a network. Constants are folded, identities removed; every operator is one of graph.h.
/// Throws Error: kBadInput (broken file, first problem) or kCannotCompile (all nodes that are not
/// supported).
Graph import_onnx(const std::filesystem::path& path, std::vector<std::string>* warnings = nullptr);

}  // namespace systole
