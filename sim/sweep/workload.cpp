// SPDX-License-Identifier: Apache-2.0
// Reads members.
#include "sim/sweep/workload.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "sim/sweep/constraints.h"
#include "sim/sweep/limits.h"

namespace systole::sweep {
namespace {

double weight_of(const SpecFile& file, const YAML::Node& node) {
  const std::string text = file.scalar(node, "a number above 0");
  double weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(weight) ||
      weight <= 0)
    file.fail(node, fmt::format("weight: '{}', expected a number above 0", text));
  return weight;
}

}  // namespace

std::vector<Member> read_workload(const SpecFile& file, const YAML::Node& key,
                                  const YAML::Node& list, PointKeys& keys) {
  if (!list.IsSequence() || list.size() == 0)
    file.fail(key, "workload: expected a list of networks");
  std::vector<Member> members;
  for (const YAML::Node& node : list) {
    if (!node.IsMap() || !node["network"])
      file.fail(node, "expected a map such as {network: a.onnx, weight: 0.6, batch: 1}");
    Member member;
    for (const auto& entry : node) {
      const std::string name = entry.first.Scalar();
      if (name == "weight")
        member.weight = weight_of(file, entry.second);
      else if (name == "require")
        member.limits = read_conditions(file, entry.second, limit_keys());
    }
    member.change = keys.read_member(node);
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace systole::sweep
