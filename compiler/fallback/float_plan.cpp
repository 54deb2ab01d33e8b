// SPDX-License-Identifier: Apache-2.0
// Cuts a network; what the passes refuse in a stage goes to the host, and it is cut anew.
#include "compiler/fallback/float_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/fallback/partition.h"
#include "compiler/fallback/segment.h"
#include "compiler/graph/refusal.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/model_file.h"
#include "compiler/passes/passes.h"
#include "model/arch/error.h"

namespace systole {

namespace {

class Cutter {
 public:
  Cutter(const std::filesystem::path& path, const InputShapes& shapes, std::string* dump)
      : model_(read_model(path)), folder_(path.parent_path()), shapes_(shapes), dump_(dump) {}

  const onnx::ModelProto& model() const { return model_; }

  FloatPlan cut() {
    // Each round sends at least one more node to the host.
    for (int round = 0; round <= model_.graph().node_size(); ++round) {
      survey_ = survey_network(model_, folder_, shapes_, forced_);
      settle_places(model_.graph(), onnx_opset(model_), survey_);
      try {
        return make_plan();
      } catch (const RefusedNodes& refused) {
        for (const Refusal& refusal : refused.refusals()) {
          const std::string node = node_making(refusal.origin);
          if (node.empty() || !forced_.emplace(node, refusal.reason).second)
            throw Error(refusal.text(), ExitCode::kCannotCompile);
        }
      }
    }
    throw Error("internal: the network cannot be cut", ExitCode::kCannotCompile);
  }

 private:
  /// First output of the node that makes `value`; empty: none.
  std::string node_making(const std::string& value) const {
    for (const auto& node : model_.graph().node()) {
      const auto& out = node.output();
      if (std::find(out.begin(), out.end(), value) != out.end()) return node.output(0);
    }
    return "";
  }

  FloatPlan make_plan() const {
    FloatPlan plan;
    plan.name = model_.graph().name();
    for (const std::string& name : survey_.inputs)
      plan.inputs.push_back({name, survey_.types.at(name)});
    for (const auto& output : model_.graph().output())
      plan.outputs.push_back({output.name(), survey_.types.at(output.name())});
    std::string text;
    for (const StageNodes& nodes : partition(model_.graph(), survey_)) {
      FloatStage stage{nodes.inputs, nodes.outputs, nullptr, nullptr, 0};
      for (int i : nodes.nodes) stage.elements += survey_.nodes[static_cast<size_t>(i)].elements;
      if (nodes.device)
        stage.device = device_stage(nodes, text);
      else
        stage.host = host_stage(nodes, text);
      plan.stages.push_back(std::move(stage));
    }
    const bool works = std::any_of(plan.stages.begin(), plan.stages.end(),
                                   [](const FloatStage& s) { return s.device != nullptr; });
    if (!works)
      throw Error("nothing of the network would run on the accelerator", ExitCode::kCannotCompile);
    if (dump_ != nullptr) *dump_ += text;
    return plan;
  }

  std::shared_ptr<const FloatExecutor> device_stage(const StageNodes& nodes,
                                                    std::string& text) const {
    Graph graph = import_model(segment_model(model_, nodes, survey_), folder_);
    run_passes(graph, dump_ == nullptr ? nullptr : &text);
    return std::make_shared<FloatExecutor>(std::move(graph));
  }

  std::shared_ptr<const HostProgram> host_stage(const StageNodes& stage, std::string& text) const {
    std::vector<onnx::NodeProto> nodes;
    std::vector<HostWork> work;
    HostProgram::Constants constants;
    text += "// host\n";
    for (int i : stage.nodes) {
      const onnx::NodeProto& node = model_.graph().node(i);
      const NodeSurvey& found = survey_.nodes[static_cast<size_t>(i)];
      nodes.push_back(node);
      work.push_back({node.name().empty() ? node.output(0) : node.name(), node.op_type(),
                      found.reason, found.macs, found.elements});
      text += fmt::format("{}: {}\n", node_text(node), found.reason);
      for (const std::string& name : node.input()) {
        const auto constant = survey_.constants.find(name);
        if (constant != survey_.constants.end()) constants.insert(*constant);
      }
    }
    return std::make_shared<HostProgram>(std::move(nodes), std::move(constants),
                                         HostContext{onnx_opset(model_), folder_}, stage.outputs,
                                         std::move(work));
  }

  const onnx::ModelProto model_;
  const std::filesystem::path folder_;
  const InputShapes& shapes_;
  std::string* dump_;
  std::map<std::string, std::string> forced_;
  Survey survey_;
};

}  // namespace

void run_float(const FloatPlan& plan, HostValues& values) {
  for (size_t s = 0; s < plan.stages.size(); ++s) {
    const FloatStage& stage = plan.stages[s];
    if (stage.host) {
      stage.host->run(values);
    } else {
      std::vector<std::vector<float>> inputs;
      for (const std::string& name : stage.inputs) inputs.push_back(values.at(name).floats);
      auto outputs = stage.device->run(inputs);
      const Graph& graph = stage.device->graph();
      for (size_t o = 0; o < outputs.size(); ++o) {
        Literal& value = values[stage.outputs[o]];
        value.floats = std::move(outputs[o]);
        value.dims = graph.values[static_cast<size_t>(graph.outputs[o])].onnx_shape;
      }
    }
    drop_values(plan, s + 1, values);
  }
}

FloatPlan load_float_plan(const std::filesystem::path& onnx, const InputShapes& shapes,
                          std::vector<std::string>* warnings, std::string* dump) {
  Cutter cutter(onnx, shapes, dump);
  if (warnings != nullptr) {
    for (const auto& said : {opset_warnings(cutter.model()), type_warnings(cutter.model())})
      for (const std::string& text : said)
        warnings->push_back(fmt::format("{}: {}", onnx.string(), text));
  }
  try {
    return cutter.cut();
  } catch (const RefusedNodes& refused) {
    throw refused.in(onnx.string());
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
}

}  // namespace systole
