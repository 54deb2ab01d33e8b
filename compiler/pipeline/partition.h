// SPDX-License-Identifier: Apache-2.0
// Cuts a surveyed network into stages that alternate between host and accelerator.
#pragma once

#include "compiler/pipeline/survey.h"

namespace systole::pipeline {

/// Nodes that run together, in the order of the file.
struct StageNodes {
  bool device = false;
  std::vector<int> nodes;                    ///< indices in the graph
  std::vector<std::string> inputs, outputs;  ///< values read from and given to other stages
};

/// Moves nodes to the host that would make the accelerator work for nothing: changes of shape
/// beside the host's nodes, and elementwise operators that lie between the host's nodes alone.
void settle_places(const onnx::GraphProto& proto, int64_t opset, Survey& survey);

/// The stages, in the order in which they run. The host begins; each stage takes every node that
/// can be computed by then, which gives the least number of stages. Nodes that nothing reads are
/// left out.
std::vector<StageNodes> partition(const onnx::GraphProto& proto, const Survey& survey);

}  // namespace systole::pipeline
