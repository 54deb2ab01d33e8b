// SPDX-License-Identifier: Apache-2.0
// Runs the nodes of a host stage.
#include "compiler/pipeline/host_program.h"

#include <fmt/format.h>

#include "compiler/onnx/importer.h"
#include "compiler/onnx/translate.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::pipeline {

HostProgram::HostProgram(std::vector<onnx::NodeProto> nodes, Constants constants,
                         host::HostContext context, std::vector<std::string> outputs,
                         std::vector<HostWork> work)
    : nodes_(std::move(nodes)),
      constants_(std::move(constants)),
      context_(std::move(context)),
      outputs_(std::move(outputs)),
      work_(std::move(work)) {}

void HostProgram::run(HostValues& values) const {
  HostValues inside;
  const auto find = [&](const std::string& name) -> const values::Literal* {
    if (name.empty()) return nullptr;
    const auto made = inside.find(name);
    if (made != inside.end()) return &made->second;
    const auto constant = constants_.find(name);
    if (constant != constants_.end()) return constant->second.get();
    return &values.at(name);
  };
  for (const onnx::NodeProto& node : nodes_) {
    host::HostInputs inputs;
    for (const std::string& name : node.input()) inputs.push_back(find(name));
    std::vector<values::Literal> results;
    try {
      results = host::compute_on_host(node, inputs, context_);
    } catch (const graph::Unsupported& reason) {
      throw Error(fmt::format("{}: {}", values::node_text(node), reason.what()));
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", values::node_text(node), error.what()), error.code());
    }
    for (int i = 0; i < node.output_size(); ++i) {
      if (!node.output(i).empty())
        inside[node.output(i)] = std::move(results[static_cast<size_t>(i)]);
    }
  }
  for (const std::string& name : outputs_) values[name] = std::move(inside.at(name));
}

}  // namespace systole::pipeline
