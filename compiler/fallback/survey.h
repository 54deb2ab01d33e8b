// SPDX-License-Identifier: Apache-2.0
// Which nodes of a network the accelerator can run, which the host has to, and the shapes of all
// values: one walk over the network.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/onnx/literal.h"

namespace systole {

/// Dimensions (one item: the leading one is 1) and element type of a value.
struct ValueType {
  Dims dims;
  bool is_float = true;
};

enum class Place { kConstant, kDevice, kHost };

/// What is known of one node.
struct NodeSurvey {
  Place place = Place::kDevice;
  std::string reason;    ///< host: why
  int64_t macs = 0;      ///< host: multiply-accumulates of one item
  int64_t elements = 0;  ///< elements of its results, one item
};

struct Survey {
  std::vector<NodeSurvey> nodes;           ///< one for each node of the graph
  std::map<std::string, ValueType> types;  ///< of all values that are not constant
  std::map<std::string, std::shared_ptr<const Literal>> constants;  ///< those that a node reads
  std::vector<std::string> inputs;  ///< of the network, those that nodes read
};

/// Whether the operator only moves elements (Reshape, Transpose, Concat, ...).
bool only_moves(const std::string& op);

/// Walks over `model`; `forced` are nodes (by first output) that the host has to run. Throws Error
/// (cannot compile) for all nodes that neither can run, or a leading dimension that is not 1.
Survey survey_network(const onnx::ModelProto& model, const std::filesystem::path& folder,
                      const InputShapes& shapes, const std::map<std::string, std::string>& forced);

}  // namespace systole
