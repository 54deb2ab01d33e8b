// SPDX-License-Identifier: Apache-2.0
// Reads policy files, and matches names.
#include "compiler/quant/precision.h"

#include <fmt/format.h>
#include <fnmatch.h>
#include <yaml-cpp/yaml.h>

#include "model/arch/yaml_document.h"
#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "model/isa/element_type.h"

namespace systole::quant {
namespace {

class PolicyReader {
 public:
  explicit PolicyReader(const std::filesystem::path& file) : file_(file.string()) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) throw Error(file_ + ": no such file");
    try {
      root_ = arch::read_yaml_document(file_);
    } catch (const YAML::Exception& broken) {
      throw Error(fmt::format("{}:{}: not YAML: {}", file_, broken.mark.line + 1, broken.msg));
    }
    if (!root_.IsMap())
      throw Error(file_ + ": expected a map with weights, activations, layers and bias_correction");
    if (const auto repeated = arch::find_repeated_key(root_)) fail(repeated->key, repeated->text());
  }

  PrecisionPolicy read() const {
    PrecisionPolicy policy;
    for (const auto& entry : root_) {
      const std::string key = key_of(entry.first);
      if (key == "weights") {
        policy.widths.weights = bits(entry.first, entry.second);
      } else if (key == "activations") {
        policy.widths.activations = bits(entry.first, entry.second);
      } else if (key == "layers") {
        if (!entry.second.IsSequence())
          fail(entry.first, "layers: expected a list of names and widths");
        for (const YAML::Node& layer : entry.second) policy.rules.push_back(rule(layer));
      } else if (key == "bias_correction") {
        policy.bias_correction = truth(entry.first, entry.second);
      } else {
        fail(
            entry.first,
            fmt::format(
                "unknown key '{}', expected weights, activations, layers or bias_correction", key));
      }
    }
    return policy;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& at, const std::string& reason) const {
    throw Error(fmt::format("{}: {}", place(at), reason));
  }
  std::string place(const YAML::Node& at) const {
    return fmt::format("{}:{}", file_, at.Mark().line + 1);
  }
  static std::string key_of(const YAML::Node& key) { return key.IsScalar() ? key.Scalar() : ""; }

  int bits(const YAML::Node& key, const YAML::Node& value) const {
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    for (const int width : {8, 4, 2, 1})
      if (text == std::to_string(width)) return width;
    const isa::ElementTypeInfo* type = isa::find_element_type(text);
    if (type != nullptr && !type->reserved.empty())
      fail(key, fmt::format("{}: {} is reserved: {}, expected 8, 4, 2 or 1 bits", key_of(key), text,
                            type->reserved));
    fail(key, fmt::format("{}: '{}', expected 8, 4, 2 or 1 bits", key_of(key), text));
  }

  bool truth(const YAML::Node& key, const YAML::Node& value) const {
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    if (text != "true" && text != "false")
      fail(key, fmt::format("{}: '{}', expected true or false", key_of(key), text));
    return text == "true";
  }

  PrecisionRule rule(const YAML::Node& layer) const {
    if (!layer.IsMap()) fail(layer, "layers: expected a name and widths");
    PrecisionRule rule;
    rule.where = place(layer);
    for (const auto& entry : layer) {
      const std::string key = key_of(entry.first);
      if (key == "name" && entry.second.IsScalar()) {
        rule.pattern = entry.second.Scalar();
      } else if (key == "weights") {
        rule.weights = bits(entry.first, entry.second);
      } else if (key == "activations") {
        rule.activations = bits(entry.first, entry.second);
      } else {
        fail(entry.first,
             fmt::format("unknown key '{}', expected name, weights and activations", key));
      }
    }
    if (rule.pattern.empty()) fail(layer, "name: missing");
    if (!rule.weights && !rule.activations)
      fail(layer, "weights and activations: missing, expected one of them");
    return rule;
  }

  const std::string file_;
  YAML::Node root_;
};

/// Whether the policy speaks of this node: it has weights of its own, which are not mere
/// selections.
bool has_weights(const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  return conv != nullptr && !conv->keeps_scale;
}

}  // namespace

PrecisionPolicy load_precision(const std::filesystem::path& file) {
  return PolicyReader(file).read();
}

std::vector<LayerWidths> layer_widths(const graph::Graph& graph, const PrecisionPolicy& policy) {
  return layer_widths(std::vector<const graph::Graph*>{&graph}, policy)[0];
}

std::vector<std::vector<LayerWidths>> layer_widths(const std::vector<const graph::Graph*>& parts,
                                                   const PrecisionPolicy& policy) {
  std::vector<std::vector<LayerWidths>> widths;
  std::vector<const graph::Node*> layers;
  for (const graph::Graph* graph : parts) {
    widths.emplace_back(graph->nodes.size());
    for (const graph::Node& node : graph->nodes) {
      if (has_weights(node)) layers.push_back(&node);
    }
  }
  std::vector<bool> used(policy.rules.size());
  for (size_t part = 0; part < parts.size(); ++part) {
    for (size_t n = 0; n < parts[part]->nodes.size(); ++n) {
      const graph::Node& node = parts[part]->nodes[n];
      if (!has_weights(node)) continue;
      if (&node != layers.front() && &node != layers.back()) widths[part][n] = policy.widths;
      for (size_t r = 0; r < policy.rules.size(); ++r) {
        if (fnmatch(policy.rules[r].pattern.c_str(), node.name.c_str(), 0) != 0) continue;
        widths[part][n].weights = policy.rules[r].weights.value_or(widths[part][n].weights);
        widths[part][n].activations =
            policy.rules[r].activations.value_or(widths[part][n].activations);
        used[r] = true;
      }
    }
  }
  std::vector<std::string> names;
  for (const graph::Node* layer : layers) names.push_back(layer->name);
  for (size_t r = 0; r < used.size(); ++r)
    if (!used[r])
      throw Error(fmt::format("{}: name: '{}' matches no convolution or gemm of the network{}",
                              policy.rules[r].where, policy.rules[r].pattern,
                              did_you_mean(policy.rules[r].pattern, names)));
  return widths;
}

}  // namespace systole::quant
