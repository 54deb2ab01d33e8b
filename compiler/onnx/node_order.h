// SPDX-License-Identifier: Apache-2.0
// Nodes in the order of their data: files exist that have them otherwise, and other runtimes take
// those.
#pragma once

#include <onnx/onnx_pb.h>

namespace systole::importer {

/// Moves each node of `graph` behind those whose results it, or a graph inside it, reads; nodes
/// keep their order otherwise. What is in a circle stays at the end.
void sort_nodes(onnx::GraphProto& graph);

}  // namespace systole::importer
