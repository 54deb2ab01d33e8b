// SPDX-License-Identifier: Apache-2.0
// Tries the accelerator's translator of each node; where it refuses, computes the node once on the
// host, on zeros, which gives the shapes of its results.
#include "compiler/fallback/survey.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/host/host_call.h"
#include "compiler/host/host_operators.h"
#include "compiler/onnx/branches.h"
#include "compiler/onnx/constant_fold.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// Operands that give a result its shape, by operator: they must be constant.
bool shape_depends_on(const std::string& op, int input) {
  static const std::map<std::string, std::set<int>> inputs = {
      {"Reshape", {1}},         {"Expand", {1}},      {"Tile", {1}},
      {"Slice", {1, 2, 3, 4}},  {"Split", {1}},       {"Pad", {1}},
      {"ConstantOfShape", {0}}, {"Range", {0, 1, 2}}, {"TopK", {1}},
      {"Squeeze", {1}},         {"Unsqueeze", {1}}};
  const auto found = inputs.find(op);
  if (found != inputs.end()) return found->second.count(input) != 0;
  return op.rfind("Reduce", 0) == 0 && input == 1;
}

class Surveyor {
 public:
  Surveyor(const onnx::ModelProto& model, const std::filesystem::path& folder,
           const InputShapes& shapes, const std::map<std::string, std::string>& forced)
      : proto_(model.graph()), forced_(forced), context_(proto_, folder, onnx_opset(model)) {
    context_.set_batch(1);
    for (const StatedInput& input : stated_inputs(context_, proto_, shapes, false)) {
      if (input.stated_batch > 1) {
        throw Error(fmt::format("input '{}' states a leading dimension of {}; --host-fallback "
                                "expects 1 or an open one",
                                input.name, input.stated_batch),
                    ExitCode::kCannotCompile);
      }
      survey_.inputs.push_back(input.name);
      define(input.name, input.dims, input.is_float);
    }
  }

  /// Throws Error for what neither can run.
  Survey run() {
    walk_nodes();
    for (const auto& output : proto_.output()) {
      if (!context_.is_refused(output.name()) && survey_.types.count(output.name()) == 0)
        refusals_.push_back({"", fmt::format("output '{}'", output.name()), "constant", false});
    }
    std::vector<std::string> problems;
    for (const Refusal& refusal : refusals_) {
      if (!refusal.host_helps) problems.push_back(refusal.text());
    }
    if (problems.size() == 1) throw Error(problems[0], ExitCode::kCannotCompile);
    if (!problems.empty()) {
      throw Error(
          fmt::format("{} parts can be run neither by the accelerator nor by the host\n  {}",
                      problems.size(), fmt::join(problems, "\n  ")),
          ExitCode::kCannotCompile);
    }
    return std::move(survey_);
  }

  /// What the accelerator refuses, whether the host helps or not.
  std::vector<Refusal> refusals() {
    walk_nodes();
    return std::move(refusals_);
  }

 private:
  void walk_nodes() {
    for (const onnx::NodeProto& node : proto_.node()) {
      survey_.nodes.emplace_back();
      try {
        visit(node, survey_.nodes.back());
      } catch (const Unsupported& reason) {
        refuse(node, reason.what());
      } catch (const DependsOnRefused&) {
        context_.refuse(node);
      } catch (const Error& error) {
        throw Error(fmt::format("{}: {}", node_text(node), error.what()), error.code());
      }
    }
  }

  void refuse(const onnx::NodeProto& node, const std::string& reason) {
    refusals_.push_back({node.output(0), node_text(node), reason, false});
    context_.refuse(node);
  }

  /// A value that the accelerator is given, or that stays on the host.
  void define(const std::string& name, const Dims& dims, bool is_float) {
    survey_.types[name] = {dims, is_float};
    if (is_float) {
      try {
        return define_input(context_, proto_, name, dims);
      } catch (const Unsupported&) {  // of no shape that the accelerator has
      }
    }
    context_.define(name, {dims, nullptr, kNoValue});
  }

  /// Constants that nodes on the host may read.
  void note_operands(const onnx::NodeProto& node) {
    for (const std::string& name : node.input()) {
      if (name.empty() || survey_.constants.count(name) != 0) continue;
      const Operand& operand = context_.operand(name);
      if (operand.literal != nullptr) survey_.constants[name] = operand.literal;
    }
  }

  void visit(const onnx::NodeProto& node, NodeSurvey& found) {
    note_operands(node);
    bool reads_host_values = false, made_on_host = only_moves(node.op_type());
    for (const std::string& name : node.input()) {
      if (name.empty()) continue;
      const Operand& operand = context_.operand(name);
      reads_host_values |= operand.only_on_host();
      made_on_host &= operand.literal != nullptr || made_on_host_.count(name) != 0;
    }
    const auto forced = forced_.find(node.output(0));
    const std::string& op = node.op_type();
    if (forced != forced_.end()) {
      found.reason = forced->second;
    } else if (op != "Shape" && reads_host_values) {
      found.reason = "reads a tensor that only the host has";
    } else {
      try {
        if (op == "Softmax" || op == "LogSoftmax") throw Unsupported("there is no unit for it");
        if (fold_constant(context_, node)) return note_results(node, found);
        if (made_on_host) throw Unsupported("moves elements that the host has");
        translate_node(context_, node);
        return note_results(node, found);
      } catch (const Unsupported& reason) {
        found.reason = reason.what();
        if (!made_on_host && host_computes(node, context_.opset()) && !at_the_tail(node))
          refusals_.push_back({node.output(0), node_text(node), found.reason, true});
      }
    }
    run_on_host(node, found);
  }

  /// A softmax that needs no stage of the host.
  bool at_the_tail(const onnx::NodeProto& node) const {
    return (node.op_type() == "Softmax" || node.op_type() == "LogSoftmax") &&
           context_.is_network_output(node.output(0)) && !context_.is_read(node.output(0));
  }

  void note_results(const onnx::NodeProto& node, NodeSurvey& found) {
    const Operand& first = context_.operand(node.output(0));
    found.place = first.literal != nullptr ? Place::kConstant : Place::kDevice;
    for (const std::string& name : node.output()) {
      if (name.empty() || !context_.is_defined(name)) continue;
      const Operand& operand = context_.operand(name);
      if (operand.literal != nullptr) continue;
      survey_.types[name] = {operand.dims, true};
      found.elements += element_count(operand.dims, "result", kMaxBatchElements);
    }
  }

  void run_on_host(const onnx::NodeProto& node, NodeSurvey& found) {
    if (!host_computes(node, context_.opset()))
      return refuse(node, found.reason + ", and the host does not compute it");
    found.place = Place::kHost;
    HostInputs inputs;
    std::vector<std::shared_ptr<const Literal>> kept;
    for (int i = 0; i < node.input_size(); ++i) {
      const std::string& name = node.input(i);
      if (name.empty()) {
        inputs.push_back(nullptr);
        continue;
      }
      const auto constant = survey_.constants.find(name);
      if (constant == survey_.constants.end()) {
        if (shape_depends_on(node.op_type(), i))
          return refuse(node, fmt::format("its shape depends on the data in '{}'", name));
        const ValueType& type = survey_.types.at(name);
        kept.push_back(std::make_shared<Literal>(zeros(type.dims, type.is_float)));
      } else {
        kept.push_back(constant->second);
      }
      inputs.push_back(kept.back().get());
    }
    const std::vector<Literal> results =
        compute_on_host(node, inputs, {context_.opset(), context_.folder()});
    found.macs = host_macs(node, inputs, results);
    for (int i = 0; i < node.output_size(); ++i) {
      const Literal& result = results[static_cast<size_t>(i)];
      found.elements += result.size();
      if (node.output(i).empty()) continue;
      define(node.output(i), result.dims, result.is_float);
      made_on_host_.insert(node.output(i));
    }
  }

  const onnx::GraphProto& proto_;
  const std::map<std::string, std::string> forced_;
  ImportContext context_;
  Survey survey_;
  std::set<std::string> made_on_host_;
  std::vector<Refusal> refusals_;
};

}  // namespace

bool only_moves(const std::string& op) {
  static const std::set<std::string> names = {"Reshape", "Transpose", "Squeeze", "Unsqueeze",
                                              "Flatten", "Identity",  "Dropout", "Cast",
                                              "Slice",   "Split",     "Concat"};
  return names.count(op) != 0;
}

std::vector<Refusal> all_refusals(const std::filesystem::path& onnx, const InputShapes& shapes) {
  const onnx::ModelProto model = read_network(onnx, shapes);
  return Surveyor(model, onnx.parent_path(), shapes, {}).refusals();
}

Survey survey_network(const onnx::ModelProto& model, const std::filesystem::path& folder,
                      const InputShapes& shapes, const std::map<std::string, std::string>& forced) {
  return Surveyor(model, folder, shapes, forced).run();
}

}  // namespace systole
