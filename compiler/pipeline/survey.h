// SPDX-License-Identifier: Apache-2.0
// Which nodes of a network the accelerator can run, which the host has to, and the shapes of all
// values: one walk over the network.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/graph/refusal.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/values/literal.h"

namespace systole::pipeline {

/// What is known of a value before anything runs.
struct ValueType {
  values::Dims dims;                       ///< of one item: the leading one is 1
  int type = onnx::TensorProto::FLOAT;     ///< of ONNX
  std::optional<graph::Codes> codes = {};  ///< that the network rounds its elements to
  bool is_float() const;
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
  /// Those that a node reads or the network gives.
  std::map<std::string, std::shared_ptr<const values::Literal>> constants;
  std::vector<std::string> inputs;  ///< of the network, those that nodes read
};

/// Whether the operator only moves elements (Reshape, Transpose, Concat, ...).
bool only_moves(const std::string& op);

/// Walks over `model`; `forced` are nodes (by first output) that the host has to run. Throws Error
/// (cannot compile) for all nodes that neither can run.
Survey survey_network(const onnx::ModelProto& model, const std::filesystem::path& folder,
                      const importer::InputShapes& shapes,
                      const std::map<std::string, std::string>& forced);

/// The same without a complaint: `refusals` receives what the accelerator refuses, whether the host
/// helps or not, also behind refused nodes; not what the host only moves.
Survey survey_refusals(const onnx::ModelProto& model, const std::filesystem::path& folder,
                       const importer::InputShapes& shapes,
                       const std::map<std::string, std::string>& forced,
                       std::vector<graph::Refusal>& refusals);

}  // namespace systole::pipeline
