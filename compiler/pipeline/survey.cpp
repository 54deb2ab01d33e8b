// SPDX-License-Identifier: Apache-2.0
// Tries the accelerator's translator of each node; where it refuses, computes the node once on the
// host, on zeros, which gives the shapes of its results.
#include "compiler/pipeline/survey.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/host/host_operators.h"
#include "compiler/host/result_types.h"
#include "compiler/onnx/branches.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "compiler/pipeline/host_results.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::pipeline {

namespace {

class Surveyor {
 public:
  Surveyor(const onnx::ModelProto& model, const std::filesystem::path& folder,
           const importer::InputShapes& shapes, const std::map<std::string, std::string>& forced)
      : proto_(model.graph()),
        states_codes_(pipeline::states_codes(model.graph())),
        forced_(forced),
        context_(proto_, folder, importer::onnx_opset(model)) {
    context_.set_batch(1);
    for (const importer::StatedInput& input :
         importer::stated_inputs(context_, proto_, shapes, false)) {
      survey_.inputs.push_back(input.name);
      define(input.name, type_of_input(input));
    }
  }

  /// Throws Error for what neither can run.
  Survey run() {
    walk_nodes();
    std::vector<std::string> problems;
    for (const graph::Refusal& refusal : refusals_) {
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

  Survey run(std::vector<graph::Refusal>& refusals) {
    walk_nodes();
    refusals = std::move(refusals_);
    return std::move(survey_);
  }

 private:
  void note_constant_outputs() {
    for (const auto& output : proto_.output()) {
      if (context_.is_refused(output.name()) || survey_.types.count(output.name()) != 0) continue;
      if (!context_.is_defined(output.name())) {
        refusals_.push_back(
            {output.name(), fmt::format("output '{}'", output.name()), "not computed", false});
        continue;
      }
      const importer::Operand& operand = context_.operand(output.name());
      if (operand.literal != nullptr) survey_.constants[output.name()] = operand.literal;
    }
  }

  void walk_nodes() {
    for (const onnx::NodeProto& node : proto_.node()) {
      survey_.nodes.emplace_back();
      try {
        if (values::first_output(node).empty()) throw Error("the node has no output");
        visit(node, survey_.nodes.back());
      } catch (const graph::Unsupported& reason) {
        refuse(node, reason.what());
      } catch (const graph::DependsOnRefused&) {
        context_.refuse(node);
      } catch (const Error& error) {
        throw Error(fmt::format("{}: {}", values::node_text(node), error.what()), error.code());
      }
    }
    note_constant_outputs();
  }

  void refuse(const onnx::NodeProto& node, const std::string& reason) {
    refusals_.push_back({values::first_output(node), values::node_text(node), reason, false});
    context_.refuse(node);
  }

  ValueType type_of_input(const importer::StatedInput& input) const {
    for (const auto& stated : proto_.input())
      if (stated.name() == input.name) return {input.dims, stated.type().tensor_type().elem_type()};
    return {input.dims};
  }

  /// A value that the accelerator is given, or that stays on the host.
  void define(const std::string& name, ValueType type) {
    const std::optional<importer::IntegerType> integers = importer::integer_type(type.type);
    if (type.is_float() || integers) {
      try {
        type.codes =
            importer::define_value(context_, proto_, name, type.dims, integers, type.codes);
        survey_.types[name] = std::move(type);
        return;
      } catch (const graph::Unsupported&) {  // of no shape that the accelerator has
      }
    }
    context_.define(name, {type.dims, nullptr, graph::kNoValue});
    survey_.types[name] = std::move(type);
  }

  /// Constants that nodes on the host may read.
  void note_operands(const onnx::NodeProto& node) {
    for (const std::string& name : node.input()) {
      if (name.empty() || survey_.constants.count(name) != 0) continue;
      const importer::Operand& operand = context_.operand(name);
      if (operand.literal != nullptr) survey_.constants[name] = operand.literal;
    }
  }

  void visit(const onnx::NodeProto& node, NodeSurvey& found) {
    note_operands(node);
    bool reads_host_values = false, made_on_host = false, constant = true, all_made = true;
    bool unrounded = false;
    for (const std::string& name : node.input()) {
      if (name.empty()) continue;
      const importer::Operand& operand = context_.operand(name);
      reads_host_values |= operand.only_on_host();
      constant &= operand.literal != nullptr;
      const bool made = made_on_host_.count(name) != 0;
      all_made &= operand.literal != nullptr || made;
      unrounded |= made && survey_.types.at(name).is_float() && !survey_.types.at(name).codes;
    }
    made_on_host = all_made && !constant;
    const auto forced = forced_.find(values::first_output(node));
    const std::string& op = node.op_type();
    if (forced != forced_.end()) {
      found.reason = forced->second;
    } else if (op != "Shape" && reads_host_values) {
      if (!host::host_computes(node, context_.opset()))
        return refuse(node, "neither the accelerator nor the host computes it");
      found.reason = "reads a tensor that only the host has";
    } else {
      try {
        if ((op == "Softmax" || op == "LogSoftmax") && !constant)
          throw graph::Unsupported("there is no unit for it");
        made_on_host &= only_moves(op) || rounds(op);
        if (made_on_host)
          throw graph::Unsupported(rounds(op) ? "rounds what the host has"
                                              : "moves elements that the host has");
        // A network that says where it rounds is not rounded elsewhere, if the host can help it.
        if (states_codes_ && unrounded && computes_elements(op)) {
          made_on_host = true;
          throw graph::Unsupported("computes with unrounded values that the host has");
        }
        importer::translate_node(context_, node);
        return note_results(node, found);
      } catch (const graph::Unsupported& reason) {
        found.reason = reason.what();
      } catch (const Error& error) {  // the host may know the form
        if (error.code() == ExitCode::kInternal || !host::host_computes(node, context_.opset()))
          throw;
        found.reason = error.what();
      }
      if (!made_on_host && host::host_computes(node, context_.opset()) && !at_the_tail(node))
        refusals_.push_back(
            {values::first_output(node), values::node_text(node), found.reason, true});
    }
    run_on_host(node, found);
  }

  /// A softmax that needs no stage of the host.
  bool at_the_tail(const onnx::NodeProto& node) const {
    return (node.op_type() == "Softmax" || node.op_type() == "LogSoftmax") &&
           context_.is_network_output(values::first_output(node)) &&
           !context_.is_read(values::first_output(node));
  }

  void note_results(const onnx::NodeProto& node, NodeSurvey& found) {
    const importer::Operand& first = context_.operand(node.output(0));
    found.place = first.literal != nullptr ? Place::kConstant : Place::kDevice;
    for (const std::string& name : node.output()) {
      if (name.empty() || !context_.is_defined(name)) continue;
      const importer::Operand& operand = context_.operand(name);
      if (operand.literal != nullptr) continue;
      ValueType type{operand.dims};
      if (operand.integers) type.type = data_type(*operand.integers);
      if (operand.value != graph::kNoValue) type.codes = context_.graph.codes(operand.value);
      if (node.op_type() == "DynamicQuantizeLinear") type.type = onnx::TensorProto::UINT8;
      survey_.types[name] = std::move(type);
      found.elements += values::element_count(operand.dims, "result", values::kMaxBatchElements);
    }
  }

  void run_on_host(const onnx::NodeProto& node, NodeSurvey& found) {
    if (!host::host_computes(node, context_.opset()))
      return refuse(node, found.reason + ", and the host does not compute it");
    found.place = Place::kHost;
    host::HostInputs inputs;
    std::vector<std::shared_ptr<const values::Literal>> kept;
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
        kept.push_back(std::make_shared<values::Literal>(example(node, i, survey_.types.at(name))));
      } else {
        kept.push_back(constant->second);
      }
      inputs.push_back(kept.back().get());
    }
    const std::vector<values::Literal> results =
        host::compute_on_host(node, inputs, {context_.opset(), context_.folder()});
    found.macs = host::host_macs(node, inputs, results);
    for (int i = 0; i < node.output_size(); ++i) {
      const values::Literal& result = results[static_cast<size_t>(i)];
      found.elements += result.size();
      if (node.output(i).empty()) continue;
      define(node.output(i), {result.dims, result.type, codes_of_result(context_, survey_, node)});
      made_on_host_.insert(node.output(i));
    }
  }

  const onnx::GraphProto& proto_;
  const bool states_codes_;
  const std::map<std::string, std::string> forced_;
  importer::ImportContext context_;
  Survey survey_;
  std::set<std::string> made_on_host_;
  std::vector<graph::Refusal> refusals_;
};

}  // namespace

bool ValueType::is_float() const { return host::is_float_type(type); }

bool only_moves(const std::string& op) {
  static const std::set<std::string> names = {"Reshape", "Transpose", "Squeeze", "Unsqueeze",
                                              "Flatten", "Identity",  "Dropout", "Cast",
                                              "Slice",   "Split",     "Concat"};
  return names.count(op) != 0;
}

Survey survey_network(const onnx::ModelProto& model, const std::filesystem::path& folder,
                      const importer::InputShapes& shapes,
                      const std::map<std::string, std::string>& forced) {
  return Surveyor(model, folder, shapes, forced).run();
}

Survey survey_refusals(const onnx::ModelProto& model, const std::filesystem::path& folder,
                       const importer::InputShapes& shapes,
                       const std::map<std::string, std::string>& forced,
                       std::vector<graph::Refusal>& refusals) {
  return Surveyor(model, folder, shapes, forced).run(refusals);
}

}  // namespace systole::pipeline
