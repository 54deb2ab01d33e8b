// SPDX-License-Identifier: Apache-2.0
// Reads an ONNX file and checks its structure: the parts every later step relies on.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace systole::importer {

/// Opsets whose operators are known; newer files are read as the newest of them.
constexpr int64_t kOldestOpset = 7;
constexpr int64_t kNewestOpset = 25;

/// Parses `path`. Throws Error naming the file and what is wrong: unreadable, not protobuf, no
/// graph, opset missing or too old, a value used before it is defined or defined twice, an output
/// nothing makes.
onnx::ModelProto read_model(const std::filesystem::path& path);

/// Throws Error naming `file` if a node states an attribute twice, a value of `graph` is used
/// before it is defined, or defined twice, or nothing makes an output.
void check_graph(const onnx::GraphProto& graph, const std::string& file);

/// Version of the ONNX operators that `model` imports; 0 if none.
int64_t onnx_opset(const onnx::ModelProto& model);

}  // namespace systole::importer
