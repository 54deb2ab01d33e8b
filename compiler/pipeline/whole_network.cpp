// SPDX-License-Identifier: Apache-2.0
// Imports a network as a run without the host does.
#include "compiler/pipeline/whole_network.h"

#include <algorithm>

#include "compiler/onnx/importer.h"
#include "compiler/onnx/model_file.h"
#include "compiler/passes/passes.h"
#include "model/base/error.h"

namespace systole::pipeline {

FloatPlan whole_network(graph::Graph graph, const std::filesystem::path& path) {
  const bool states_integers =
      std::any_of(graph.values.begin(), graph.values.end(),
                  [](const graph::Value& value) { return value.integer_zero.has_value(); });
  const onnx::GraphProto proto = states_integers ? importer::read_model(path).graph()
                                                 : onnx::GraphProto();  // the file may be large
  const auto type_of = [&](graph::ValueId id, const auto& stated) {
    const graph::Value& value = graph.values[static_cast<size_t>(id)];
    PlanTensor tensor{value.name, {value.onnx_shape}};
    values::Dims& dims = tensor.type.dims;
    const bool leads = !dims.empty() && dims[0] == std::max<int64_t>(graph.stated_batch, 1);
    if (leads) dims[0] = 1;
    tensor.type.codes = value.codes;
    for (const auto& info : stated)
      if (info.name() == value.name && value.integer_zero)
        tensor.type.type = info.type().tensor_type().elem_type();
    return tensor;
  };
  FloatPlan plan;
  plan.whole = true;
  plan.name = graph.name;
  FloatStage stage;
  for (graph::ValueId in : graph.inputs) {
    plan.inputs.push_back(type_of(in, proto.input()));
    stage.inputs.push_back(plan.inputs.back().name);
  }
  for (graph::ValueId out : graph.outputs) {
    plan.outputs.push_back(type_of(out, proto.output()));
    stage.outputs.push_back(plan.outputs.back().name);
    stage.output_types.push_back(plan.outputs.back().type);
  }
  for (const graph::Node& node : graph.nodes) stage.elements += graph.shape(node.output).elements();
  stage.device = std::make_shared<exec::FloatExecutor>(std::move(graph));
  plan.stages.push_back(std::move(stage));
  return plan;
}

std::optional<FloatPlan> find_whole_network(const std::filesystem::path& path,
                                            const importer::InputShapes& shapes,
                                            std::vector<std::string>* warnings, std::string* dump) {
  std::vector<std::string> told;
  std::string text;
  graph::Graph graph;
  try {
    graph = importer::import_onnx(path, &told, shapes);
    passes::run_passes(graph, dump == nullptr ? nullptr : &text);
  } catch (const Error& error) {
    if (error.is_internal()) throw;
    return std::nullopt;  // the survey finds out more
  }
  if (warnings != nullptr) warnings->insert(warnings->end(), told.begin(), told.end());
  if (dump != nullptr) *dump += text;
  return whole_network(std::move(graph), path);
}

}  // namespace systole::pipeline
