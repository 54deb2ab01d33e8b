// SPDX-License-Identifier: Apache-2.0
// Walks over a network as the importer does, for what it says of conditions, and copies the nodes
// that are left.
#include "compiler/onnx/branches.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/onnx/graph_reads.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

bool is_if(const onnx::NodeProto& node) {
  return node.op_type() == "If" && values::is_standard(node);
}

bool has_if(const onnx::GraphProto& graph) {
  return std::any_of(graph.node().begin(), graph.node().end(), is_if);
}

/// The graph with what branches read among their nodes' inputs, for those who ask what is read.
onnx::GraphProto with_captured(onnx::GraphProto graph) {
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    std::set<std::string> names;
    for (const auto& attribute : node.attribute())
      if (attribute.has_g()) add_captured(attribute.g(), names);
    for (const std::string& name : names) node.add_input(name);
  }
  return graph;
}

using Names = std::map<std::string, std::string>;

std::string renamed(const std::string& name, const Names& names) {
  const auto found = names.find(name);
  return found == names.end() ? name : found->second;
}

/// `node` with other names for what it reads and makes, its own branches' too.
onnx::NodeProto renamed(onnx::NodeProto node, const Names& names) {
  for (std::string& name : *node.mutable_input()) name = renamed(name, names);
  for (std::string& name : *node.mutable_output()) name = renamed(name, names);
  for (auto& attribute : *node.mutable_attribute()) {
    if (!attribute.has_g()) continue;
    onnx::GraphProto& graph = *attribute.mutable_g();
    for (onnx::NodeProto& inner : *graph.mutable_node()) inner = renamed(inner, names);
    for (auto& output : *graph.mutable_output()) output.set_name(renamed(output.name(), names));
  }
  return node;
}

class BranchTaker {
 public:
  BranchTaker(onnx::ModelProto model, const std::filesystem::path& folder,
              const InputShapes& shapes)
      : model_(std::move(model)),
        readable_(with_captured(model_.graph())),
        context_(readable_, folder, onnx_opset(model_)) {
    try {
      import_inputs(context_, readable_, shapes);
    } catch (const Error&) {  // whoever takes the network says so; constants are known all the same
    }
  }

  onnx::ModelProto run() {
    const auto nodes = model_.graph().node();
    model_.mutable_graph()->clear_node();
    for (const onnx::NodeProto& node : nodes) visit(node);
    return std::move(model_);
  }

 private:
  /// The branch that `node` takes; null if that is not known.
  const onnx::GraphProto* taken(const onnx::NodeProto& node) {
    if (!is_if(node) || node.input_size() == 0) return nullptr;
    try {
      const values::Literal& condition = context_.constant(node, 0, "condition");
      if (condition.is_float || condition.size() != 1) return nullptr;
      const auto* branch =
          values::typed_attribute(node, condition.ints[0] != 0 ? "then_branch" : "else_branch",
                                  onnx::AttributeProto::GRAPH);
      return branch == nullptr || branch->g().output_size() != node.output_size() ? nullptr
                                                                                  : &branch->g();
    } catch (const graph::Unsupported&) {
    } catch (const graph::DependsOnRefused&) {
    } catch (const Error&) {
    }
    return nullptr;
  }

  void visit(const onnx::NodeProto& node) {
    if (const onnx::GraphProto* branch = taken(node)) return take(node, *branch);
    *model_.mutable_graph()->add_node() = node;
    try {
      translate_node(context_, node);
    } catch (const graph::Unsupported&) {
      context_.refuse(node);
    } catch (const graph::DependsOnRefused&) {
      context_.refuse(node);
    } catch (const Error&) {
      context_.refuse(node);
    }
  }

  void take(const onnx::NodeProto& node, const onnx::GraphProto& branch) {
    const std::string prefix = node.output(0) + "/";
    Names names;
    for (const auto& tensor : branch.initializer()) names[tensor.name()] = prefix + tensor.name();
    std::set<std::string> made;
    for (const onnx::NodeProto& inner : branch.node()) {
      for (const std::string& out : inner.output()) {
        if (out.empty()) continue;
        made.insert(out);
        names[out] = prefix + out;
      }
    }
    std::vector<onnx::NodeProto> copies;  // of results that have a name of their own
    for (int i = 0; i < node.output_size(); ++i) {
      const std::string& from = branch.output(i).name();
      if (made.erase(from) != 0) {
        names[from] = node.output(i);
        continue;
      }
      onnx::NodeProto copy;
      copy.set_op_type("Identity");
      copy.add_input(renamed(from, names));
      copy.add_output(node.output(i));
      copies.push_back(std::move(copy));
    }
    for (const onnx::TensorProto& tensor : branch.initializer()) {
      onnx::TensorProto& copy = *model_.mutable_graph()->add_initializer();
      copy = tensor;
      copy.set_name(names.at(tensor.name()));
      Operand operand;
      operand.literal =
          std::make_shared<values::Literal>(values::read_literal(copy, context_.folder()));
      operand.dims = operand.literal->dims;
      context_.define(copy.name(), std::move(operand));
    }
    for (const onnx::NodeProto& inner : branch.node()) visit(renamed(inner, names));
    for (const onnx::NodeProto& copy : copies) visit(copy);
  }

  onnx::ModelProto model_;
  const onnx::GraphProto readable_;
  ImportContext context_;
};

void refuse_if(ImportContext&, const onnx::NodeProto&) {
  throw graph::Unsupported("its condition is not constant");
}

}  // namespace

void add_branch_translators(Translators& table) { table["If"] = refuse_if; }

onnx::ModelProto take_branches(onnx::ModelProto model, const std::filesystem::path& folder,
                               const InputShapes& shapes) {
  if (!has_if(model.graph())) return model;
  return BranchTaker(std::move(model), folder, shapes).run();
}

onnx::ModelProto read_network(const std::filesystem::path& path, const InputShapes& shapes) {
  onnx::ModelProto model = read_model(path);
  if (!has_if(model.graph())) return model;
  model = take_branches(std::move(model), path.parent_path(), shapes);
  check_graph(model.graph(), path.string());
  return model;
}

}  // namespace systole::importer
