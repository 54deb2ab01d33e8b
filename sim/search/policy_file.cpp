// SPDX-License-Identifier: Apache-2.0
// Writes rules whose patterns match one name each.
#include "sim/search/policy_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace systole::search {

std::string exact_pattern(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::string policy_file(const std::vector<std::string>& layers, const Choice& choice,
                        const std::string& comment, bool bias_correction) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  if (bias_correction) out << YAML::Key << "bias_correction" << YAML::Value << true;
  out << YAML::Key << "layers" << YAML::Value << YAML::BeginSeq;
  for (size_t i = 0; i < layers.size(); ++i) {
    out << YAML::Flow << YAML::BeginMap;
    out << YAML::Key << "name" << YAML::Value << YAML::DoubleQuoted << exact_pattern(layers[i]);
    out << YAML::Key << "weights" << YAML::Value << choice[i].weights;
    out << YAML::Key << "activations" << YAML::Value << choice[i].activations << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::EndMap;
  return fmt::format("# {}\n{}\n", comment, out.c_str());
}

}  // namespace systole::search
