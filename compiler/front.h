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

/// What compile_front does with the network that load_graph has read: prunes, calibrates and
/// quantises it.
QGraph quantise_graph(Graph graph, const std::filesystem::path& onnx, const FrontOptions& options);

/// What data can be given for.
std::vector<NetworkInput> inputs_of(const Graph& graph);

/// Warns of data for calibration that a network which states all its scales has no use for.
void warn_of_unused_calibration(const FrontOptions& options);

/// prune(); errors name the file.
PruneResult prune_graph(Graph& graph, const std::filesystem::path& onnx,
                        const PruneOptions& options);

/// Throws Error (cannot compile) for a layer that was given zeros and has 1-bit weights.
void check_zeros(const Graph& graph, const std::vector<LayerWidths>& layers,
                 const PruneResult& pruned);

/// Whether biases of a network in `parts` are to be corrected. Throws Error if they are and no
/// layer rounds its weights, or there is no calibration data.
bool corrects_biases(const std::vector<const Graph*>& parts, const FrontOptions& options);

}  // namespace systole
