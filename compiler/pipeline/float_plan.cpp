// SPDX-License-Identifier: Apache-2.0
// Cuts a network; what the passes refuse in a stage goes to the host, and it is cut anew.
#include "compiler/pipeline/float_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/refusal.h"
#include "compiler/onnx/branches.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/model_file.h"
#include "compiler/passes/passes.h"
#include "compiler/pipeline/front.h"
#include "compiler/pipeline/partition.h"
#include "compiler/pipeline/segment.h"
#include "compiler/pipeline/whole_network.h"
#include "compiler/values/attribute_watch.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::pipeline {

namespace {

class Cutter {
 public:
  Cutter(const std::filesystem::path& path, const importer::InputShapes& shapes,
         std::vector<std::string>* warnings, std::string* dump)
      : model_(importer::read_network(path, shapes)),
        folder_(path.parent_path()),
        shapes_(shapes),
        warnings_(warnings),
        dump_(dump) {}

  const onnx::ModelProto& model() const { return model_; }

  FloatPlan cut() {
    // Each round sends at least one more node to the host.
    for (int round = 0; round <= model_.graph().node_size(); ++round) {
      survey_ = survey_network(model_, folder_, shapes_, forced_);
      settle_places(model_.graph(), importer::onnx_opset(model_), survey_);
      if (force_dynamic_scales()) continue;
      try {
        return make_plan();
      } catch (const graph::RefusedNodes& refused) {
        for (const graph::Refusal& refusal : refused.refusals()) {
          if (!force(refusal)) throw Error(refusal.text(), ExitCode::kCannotCompile);
        }
      }
    }
    throw internal_error("the network cannot be cut");
  }

  /// What the accelerator refuses of the network: nodes in their order, then what passes refuse.
  std::vector<graph::Refusal> refusals() {
    std::vector<graph::Refusal> of_passes;
    for (int round = 0; round <= model_.graph().node_size(); ++round) {
      std::vector<graph::Refusal> found;
      survey_ = survey_refusals(model_, folder_, shapes_, forced_, found);
      const bool host_helps =
          std::all_of(found.begin(), found.end(),
                      [](const graph::Refusal& refusal) { return refusal.host_helps; });
      found.insert(found.end(), of_passes.begin(), of_passes.end());
      if (!host_helps) return found;
      settle_places(model_.graph(), importer::onnx_opset(model_), survey_);
      if (force_dynamic_scales()) continue;
      try {
        make_plan();
        return found;
      } catch (const graph::RefusedNodes& refused) {
        for (const graph::Refusal& refusal : refused.refusals()) {
          of_passes.push_back(refusal);
          if (!force(refusal)) return found;
        }
      }
    }
    return of_passes;
  }

 private:
  /// Sends the node of `refusal` to the host; false if it is there, or there is none.
  bool force(const graph::Refusal& refusal) {
    for (const auto& node : model_.graph().node()) {
      const auto& out = node.output();
      if (std::find(out.begin(), out.end(), refusal.origin) != out.end())
        return forced_.emplace(values::first_output(node), refusal.reason).second;
    }
    return false;
  }

  /// A DynamicQuantizeLinear of the accelerator has a static scale, which only its readers there
  /// know how to take.
  bool force_dynamic_scales() {
    bool forced = false;
    const onnx::GraphProto& graph = model_.graph();
    for (int i = 0; i < graph.node_size(); ++i) {
      const onnx::NodeProto& node = graph.node(i);
      const bool dynamic = node.op_type() == "DynamicQuantizeLinear" &&
                           survey_.nodes[static_cast<size_t>(i)].place == Place::kDevice;
      const auto& out = node.output();
      const bool given = std::any_of(
          graph.output().begin(), graph.output().end(),
          [&](const auto& o) { return std::find(out.begin(), out.end(), o.name()) != out.end(); });
      if (dynamic && given)
        forced |= forced_.emplace(node.output(0), "the network gives its scale").second;
      for (int r = 0; dynamic && r < graph.node_size(); ++r) {
        if (survey_.nodes[static_cast<size_t>(r)].place != Place::kHost) continue;
        const auto& in = graph.node(r).input();
        const bool reads = std::any_of(in.begin(), in.end(), [&](const std::string& name) {
          return !name.empty() && std::find(out.begin(), out.end(), name) != out.end();
        });
        if (reads)
          forced |= forced_.emplace(node.output(0), "a node of the host reads its scale").second;
      }
    }
    return forced;
  }

  /// A DynamicQuantizeLinear whose readers are in other stages than itself.
  void refuse_parted_scales(const StageNodes& stage, std::vector<graph::Refusal>& refused) const {
    for (int i : stage.nodes) {
      const onnx::NodeProto& node = model_.graph().node(i);
      if (!stage.device || node.op_type() != "DynamicQuantizeLinear") continue;
      const auto& out = node.output();
      const std::vector<std::string>& given = stage.outputs;
      const bool parted = std::any_of(out.begin(), out.end(), [&](const std::string& name) {
        return std::find(given.begin(), given.end(), name) != given.end();
      });
      if (parted)
        refused.push_back(
            {values::first_output(node), values::node_text(node), "another stage reads it", true});
    }
  }

  FloatPlan make_plan() const {
    FloatPlan plan;
    plan.name = model_.graph().name();
    for (const std::string& name : survey_.inputs)
      plan.inputs.push_back({name, survey_.types.at(name)});
    for (const auto& output : model_.graph().output()) {
      const auto type = survey_.types.find(output.name());
      if (type != survey_.types.end()) {
        plan.outputs.push_back({output.name(), type->second});
        continue;
      }
      const values::Literal& constant = *survey_.constants.at(output.name());
      const int computed = constant.is_float ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64;
      plan.outputs.push_back(
          {output.name(), {constant.dims, constant.type != 0 ? constant.type : computed}});
      plan.constants[output.name()] = constant;
    }
    std::string text;
    std::vector<std::string> warnings;
    std::vector<graph::Refusal> refused;  // of all stages
    for (const StageNodes& nodes : partition(model_.graph(), survey_)) {
      FloatStage stage{nodes.inputs, nodes.outputs, {}, nullptr, nullptr, 0};
      for (const std::string& name : nodes.outputs)
        stage.output_types.push_back(survey_.types.at(name));
      for (int i : nodes.nodes) stage.elements += survey_.nodes[static_cast<size_t>(i)].elements;
      refuse_parted_scales(nodes, refused);
      try {
        if (nodes.device)
          stage.device = device_stage(nodes, text, warnings);
        else
          stage.host = host_stage(nodes, text);
      } catch (const graph::RefusedNodes& some) {
        refused.insert(refused.end(), some.refusals().begin(), some.refusals().end());
      }
      plan.stages.push_back(std::move(stage));
    }
    if (!refused.empty()) throw graph::RefusedNodes(std::move(refused));
    const bool works = std::any_of(plan.stages.begin(), plan.stages.end(),
                                   [](const FloatStage& s) { return s.device != nullptr; });
    if (!works) warnings.emplace_back("nothing of the network runs on the accelerator");
    if (dump_ != nullptr) *dump_ += text;
    if (warnings_ != nullptr) warnings_->insert(warnings_->end(), warnings.begin(), warnings.end());
    return plan;
  }

  std::shared_ptr<const exec::FloatExecutor> device_stage(
      const StageNodes& nodes, std::string& text, std::vector<std::string>& warnings) const {
    const SegmentModel segment = segment_model(model_, nodes, survey_);
    graph::Graph graph = importer::import_model(segment.model, folder_, {}, segment.codes);
    passes::run_passes(graph, dump_ == nullptr ? nullptr : &text);
    warnings.insert(warnings.end(), graph.warnings.begin(), graph.warnings.end());
    return std::make_shared<exec::FloatExecutor>(std::move(graph));
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
      work.push_back({node.name().empty() ? values::first_output(node) : node.name(),
                      node.op_type(), found.reason, found.macs, found.elements});
      text += fmt::format("{}: {}\n", values::node_text(node), found.reason);
      for (const std::string& name : node.input()) {
        const auto constant = survey_.constants.find(name);
        if (constant != survey_.constants.end()) constants.insert(*constant);
      }
    }
    return std::make_shared<HostProgram>(std::move(nodes), std::move(constants),
                                         host::HostContext{importer::onnx_opset(model_), folder_},
                                         stage.outputs, std::move(work));
  }

  const onnx::ModelProto model_;
  const std::filesystem::path folder_;
  const importer::InputShapes& shapes_;
  std::vector<std::string>* warnings_;
  std::string* dump_;
  std::map<std::string, std::string> forced_;
  Survey survey_;
};

}  // namespace

std::vector<const graph::Graph*> FloatPlan::graphs() const {
  std::vector<const graph::Graph*> graphs;
  for (const FloatStage& stage : stages)
    if (stage.device) graphs.push_back(&stage.device->graph());
  return graphs;
}

std::vector<float> numbers_of(const values::Literal& value) {
  return value.is_float ? value.floats : std::vector<float>(value.ints.begin(), value.ints.end());
}

values::Literal literal_of(const ValueType& type, std::vector<float> numbers) {
  values::Literal literal;
  literal.dims = type.dims;
  literal.type = type.type;
  literal.is_float = type.is_float();
  if (literal.is_float)
    literal.floats = std::move(numbers);
  else
    literal.ints.assign(numbers.begin(), numbers.end());
  return literal;
}

prune::PruneResult prune_plan(FloatPlan& plan, const prune::PruneOptions& options,
                              std::string* dump) {
  if (options.specs.empty()) return {};
  std::vector<graph::Graph> graphs;
  for (const FloatStage& stage : plan.stages)
    if (stage.device) graphs.push_back(stage.device->graph());
  std::vector<graph::Graph*> parts;
  parts.reserve(graphs.size());
  for (graph::Graph& graph : graphs) parts.push_back(&graph);
  prune::PruneResult result = prune::prune(parts, options);
  size_t part = 0;
  for (FloatStage& stage : plan.stages) {
    if (!stage.device) continue;
    if (dump != nullptr) *dump += "// prune\n" + graph::to_text(graphs[part]);
    stage.device = std::make_shared<exec::FloatExecutor>(std::move(graphs[part++]));
  }
  return result;
}

FloatPlan load_float_plan(const std::filesystem::path& onnx, const importer::InputShapes& shapes,
                          bool host, std::vector<std::string>* warnings, std::string* dump) {
  if (!host) return whole_network(load_graph(onnx, warnings, dump, shapes), onnx);
  if (auto plan = find_whole_network(onnx, shapes, warnings, dump)) return *std::move(plan);
  std::vector<std::string> told;
  Cutter cutter(onnx, shapes, &told, dump);
  try {
    FloatPlan plan = cutter.cut();
    for (const auto& texts :
         {importer::opset_warnings(cutter.model()), importer::type_warnings(cutter.model()),
          values::foreign_attribute_warnings(cutter.model()), told}) {
      for (const std::string& text : texts)
        if (warnings != nullptr) warnings->push_back(fmt::format("{}: {}", onnx.string(), text));
    }
    return plan;
  } catch (const graph::RefusedNodes& refused) {
    throw refused.in(onnx.string());
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
}

std::vector<graph::Refusal> all_refusals(const std::filesystem::path& onnx,
                                         const importer::InputShapes& shapes) {
  return Cutter(onnx, shapes, nullptr, nullptr).refusals();
}

}  // namespace systole::pipeline
