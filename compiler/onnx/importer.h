// SPDX-License-Identifier: Apache-2.0
// ONNX file to float graph.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/onnx/input_shapes.h"

namespace systole::importer {

/// Reads a network. Constants are folded, identities removed; every operator is one of graph.h.
/// `shapes`: dimensions of inputs by name. Throws Error: kBadInput (broken file, first problem) or
/// kCannotCompile (all nodes that are not supported).
graph::Graph import_onnx(const std::filesystem::path& path,
                         std::vector<std::string>* warnings = nullptr,
                         const InputShapes& shapes = {});

/// The same of a model in memory; external data lies in `folder`, inputs are rounded to `codes`.
/// Throws RefusedNodes for all nodes that are not supported.
graph::Graph import_model(const onnx::ModelProto& model, const std::filesystem::path& folder,
                          const InputShapes& shapes = {},
                          const std::map<std::string, graph::Codes>& codes = {});

/// Metadata of a model about the node called `node`: the MACs of one item that it had before it was
/// pruned, the bits in which its integers are stored, and the operator that it stands for.
/// `systole quantise` writes them.
std::string dense_macs_key(const std::string& node);
std::string weight_bits_key(const std::string& node);
std::string operator_key(const std::string& node);

/// What the user should know about the model's version.
std::vector<std::string> opset_warnings(const onnx::ModelProto& model);
/// What the user should know about its types: at most one warning.
std::vector<std::string> type_warnings(const onnx::ModelProto& model);

/// The ONNX operators that import_onnx takes on activations, sorted (docs/operators.md).
std::vector<std::string> supported_operators();

}  // namespace systole::importer
