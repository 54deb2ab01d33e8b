// SPDX-License-Identifier: Apache-2.0
// The places of nodes, and the walk that groups them.
#include "compiler/pipeline/partition.h"

#include <algorithm>
#include <set>

#include "compiler/host/host_operators.h"

namespace systole::pipeline {

namespace {

/// Operators that are worth bringing data to the accelerator for.
bool heavy(const std::string& op) {
  static const std::set<std::string> names = {"Conv",
                                              "ConvTranspose",
                                              "Gemm",
                                              "MatMul",
                                              "MaxPool",
                                              "AveragePool",
                                              "GlobalAveragePool",
                                              "GlobalMaxPool",
                                              "Resize",
                                              "Upsample",
                                              "QLinearConv",
                                              "QLinearMatMul",
                                              "QGemm",
                                              "ConvInteger",
                                              "MatMulInteger",
                                              "QLinearAveragePool",
                                              "QLinearGlobalAveragePool"};
  return names.count(op) != 0;
}

class Settler {
 public:
  Settler(const onnx::GraphProto& proto, int64_t opset, Survey& survey)
      : proto_(proto), opset_(opset), survey_(survey) {
    for (int i = 0; i < proto.node_size(); ++i) {
      for (const std::string& out : proto.node(i).output()) maker_[out] = i;
      for (const std::string& in : proto.node(i).input()) readers_[in].push_back(i);
    }
    readers_.erase("");  // optional operands that are left out
    for (const auto& output : proto.output()) outputs_.insert(output.name());
  }

  void run() {
    bool changed = true;
    while (changed) {
      changed = false;
      for (int i = 0; i < proto_.node_size(); ++i) changed |= move_beside_host(i);
      changed |= move_light_groups();
    }
  }

 private:
  Place place(int i) const { return survey_.nodes[static_cast<size_t>(i)].place; }

  bool to_host(int i, const char* reason) {
    NodeSurvey& node = survey_.nodes[static_cast<size_t>(i)];
    if (!host::host_computes(proto_.node(i), opset_)) return false;
    node.place = Place::kHost;
    node.reason = reason;
    return true;
  }

  /// The nodes that make what node `i` reads (-1: the network is given it), constants left out.
  std::vector<int> makers(int i) const {
    std::vector<int> found;
    for (const std::string& in : proto_.node(i).input()) {
      if (survey_.types.count(in) == 0) continue;
      const auto made = maker_.find(in);
      found.push_back(made == maker_.end() ? -1 : made->second);
    }
    return found;
  }

  std::vector<int> readers(int i) const {
    std::vector<int> found;
    for (const std::string& out : proto_.node(i).output()) {
      const auto read = readers_.find(out);
      if (read != readers_.end())
        found.insert(found.end(), read->second.begin(), read->second.end());
    }
    return found;
  }

  bool given_to_user(int i) const {
    const auto& out = proto_.node(i).output();
    return std::any_of(out.begin(), out.end(),
                       [&](const auto& name) { return outputs_.count(name) != 0; });
  }

  bool on_host(int i) const { return i >= 0 && place(i) == Place::kHost; }

  /// Whether another node than `i` reads on the host what `i` reads.
  bool shares_with_host(int i) const {
    const auto& in = proto_.node(i).input();
    return std::any_of(in.begin(), in.end(), [&](const std::string& name) {
      const auto read = readers_.find(name);
      return survey_.types.count(name) != 0 && read != readers_.end() &&
             std::any_of(read->second.begin(), read->second.end(),
                         [&](int n) { return n != i && on_host(n); });
    });
  }

  /// The means of a layer norm in single operators: the host has what they are of.
  bool reduces_for_host(int i) const {
    static const std::set<std::string> reductions = {"ReduceMean", "ReduceMax", "ReduceSum"};
    const std::vector<int> read = readers(i);
    return reductions.count(proto_.node(i).op_type()) != 0 && !read.empty() && !given_to_user(i) &&
           std::all_of(read.begin(), read.end(), [&](int n) { return on_host(n); }) &&
           shares_with_host(i);
  }

  bool move_beside_host(int i) {
    if (place(i) != Place::kDevice) return false;
    if (reduces_for_host(i)) return to_host(i, "reduces what the host has");
    if (!only_moves(proto_.node(i).op_type())) return false;
    const auto all_on_host = [&](const std::vector<int>& nodes) {
      return !nodes.empty() &&
             std::all_of(nodes.begin(), nodes.end(), [&](int n) { return on_host(n); });
    };
    const bool behind = all_on_host(makers(i));
    const bool before = !given_to_user(i) && all_on_host(readers(i));
    return (behind || before) && to_host(i, "moves elements beside the host's nodes");
  }

  /// Connected nodes of the accelerator without a heavy one, beside a node of the host.
  bool move_light_groups() {
    std::vector<bool> seen(static_cast<size_t>(proto_.node_size()), false);
    bool changed = false;
    for (int first = 0; first < proto_.node_size(); ++first) {
      std::vector<int> open = {first}, group;
      bool beside_host = false, light = true;
      while (!open.empty()) {
        const int i = open.back();
        open.pop_back();
        if (i < 0 || place(i) == Place::kConstant) continue;
        beside_host |= on_host(i);
        if (on_host(i) || seen[static_cast<size_t>(i)]) continue;
        seen[static_cast<size_t>(i)] = true;
        group.push_back(i);
        const onnx::NodeProto& node = proto_.node(i);
        light &= !heavy(node.op_type()) && host::host_computes(node, opset_);
        for (int n : makers(i)) open.push_back(n);
        for (int n : readers(i)) open.push_back(n);
      }
      if (group.empty() || !light || !beside_host) continue;
      for (int i : group) changed |= to_host(i, "lies between the host's nodes");
    }
    return changed;
  }

  const onnx::GraphProto& proto_;
  const int64_t opset_;
  Survey& survey_;
  std::map<std::string, int> maker_;
  std::map<std::string, std::vector<int>> readers_;
  std::set<std::string> outputs_;
};

/// Nodes whose results reach an output of the network and depend on its inputs. What is constant
/// though it reads something that is not (a cut that leaves nothing) needs none of it.
std::vector<bool> needed_nodes(const onnx::GraphProto& proto, const Survey& survey) {
  std::set<std::string> read;
  for (const auto& output : proto.output()) read.insert(output.name());
  std::vector<bool> needed(static_cast<size_t>(proto.node_size()), false);
  for (int i = proto.node_size(); i-- > 0;) {
    const auto& node = proto.node(i);
    const bool used = std::any_of(node.output().begin(), node.output().end(),
                                  [&](const auto& name) { return read.count(name) != 0; });
    if (!used || survey.nodes[static_cast<size_t>(i)].place == Place::kConstant) continue;
    needed[static_cast<size_t>(i)] = true;
    read.insert(node.input().begin(), node.input().end());
    read.erase("");
  }
  return needed;
}

/// Fills in what the stages read and give.
void connect(const onnx::GraphProto& proto, const Survey& survey, std::vector<StageNodes>& stages) {
  std::map<std::string, size_t> made_in;
  for (size_t s = 0; s < stages.size(); ++s) {
    for (int i : stages[s].nodes) {
      for (const std::string& out : proto.node(i).output()) made_in[out] = s;
    }
  }
  std::set<std::string> given;
  for (const auto& output : proto.output()) given.insert(output.name());
  for (size_t s = 0; s < stages.size(); ++s) {
    std::set<std::string> seen;
    for (int i : stages[s].nodes) {
      for (const std::string& in : proto.node(i).input()) {
        const auto made = made_in.find(in);
        const bool outside = made == made_in.end() || made->second != s;
        if (in.empty() || survey.types.count(in) == 0 || !outside) continue;
        if (seen.insert(in).second) stages[s].inputs.push_back(in);
        given.insert(in);
      }
    }
  }
  for (StageNodes& stage : stages) {
    for (int i : stage.nodes) {
      for (const std::string& out : proto.node(i).output()) {
        if (given.count(out) != 0) stage.outputs.push_back(out);
      }
    }
  }
}

}  // namespace

void settle_places(const onnx::GraphProto& proto, int64_t opset, Survey& survey) {
  Settler(proto, opset, survey).run();
}

std::vector<StageNodes> partition(const onnx::GraphProto& proto, const Survey& survey) {
  const std::vector<bool> needed = needed_nodes(proto, survey);
  std::set<std::string> ready(survey.inputs.begin(), survey.inputs.end());
  std::vector<bool> done(needed.size(), false);
  std::vector<StageNodes> stages;
  size_t left = 0;
  for (size_t i = 0; i < needed.size(); ++i) {
    done[i] = !needed[i];
    if (!done[i]) ++left;
  }
  for (bool device = false; left > 0; device = !device) {
    StageNodes stage;
    stage.device = device;
    for (int i = 0; i < proto.node_size(); ++i) {
      const auto at = static_cast<size_t>(i);
      if (done[at] || (survey.nodes[at].place == Place::kDevice) != device) continue;
      const auto& in = proto.node(i).input();
      const bool can = std::all_of(in.begin(), in.end(), [&](const std::string& name) {
        return survey.types.count(name) == 0 || ready.count(name) != 0;
      });
      if (!can) continue;
      done[at] = true;
      --left;
      stage.nodes.push_back(i);
      ready.insert(proto.node(i).output().begin(), proto.node(i).output().end());
    }
    if (!stage.nodes.empty()) stages.push_back(std::move(stage));
  }
  connect(proto, survey, stages);
  return stages;
}

}  // namespace systole::pipeline
