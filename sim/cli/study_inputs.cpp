// SPDX-License-Identifier: Apache-2.0
// Reads and checks everything that a study is fed.
#include "sim/cli/study_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/quant/build_qgraph.h"
#include "model/base/error.h"

namespace systole::cli {
namespace {

/// Reads a network, which throws Error if it is none that can be compiled.
study::StudyNetwork study_network(const std::filesystem::path& file,
                                  const pipeline::FrontOptions& front) {
  study::StudyNetwork network{file, false, false, 1};
  const pipeline::FloatPlan plan = pipeline::load_float_plan(file, front.shapes, front.host);
  for (const int64_t dim : plan.outputs.at(0).type.dims)
    network.classes *= static_cast<uint64_t>(dim);
  for (const graph::Graph* graph : plan.graphs()) {
    network.own_widths |=
        std::any_of(graph->nodes.begin(), graph->nodes.end(), [](const graph::Node& node) {
          const auto* conv = node.if_is<graph::Conv>();
          return conv != nullptr && conv->states_integers();
        });
    network.calibrated |= quant::needs_ranges(*graph);
  }
  return network;
}

data::Dataset labelled(const StudyFiles& files, const std::vector<data::NetworkInput>& taken) {
  data::Dataset data = data::load_dataset(files.data, taken, files.limit);
  if (data.items.empty() || data.labels.size() != data.items.size())
    throw Error(files.data.string() + ": labels: missing, a study needs one for each image");
  return data;
}

/// "[1, 3, 32, 32]", of several inputs one behind the other.
std::string shapes_text(const std::vector<data::NetworkInput>& inputs) {
  std::vector<std::string> shapes;
  shapes.reserve(inputs.size());
  for (const data::NetworkInput& input : inputs)
    shapes.push_back(fmt::format("[{}]", fmt::join(input.shape, ", ")));
  return fmt::format("{}", fmt::join(shapes, ", "));
}

/// Whether data for one is data for the other, input by input.
bool same_shapes(const std::vector<data::NetworkInput>& a,
                 const std::vector<data::NetworkInput>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const data::NetworkInput& x, const data::NetworkInput& y) {
                      return x.shape == y.shape && x.integers == y.integers;
                    });
}

}  // namespace

StudyInputs load_study_inputs(const CompileOptions& compile, const StudyFiles& files,
                              const pipeline::FrontOptions& front) {
  StudyInputs inputs;
  inputs.network = study_network(compile.network, front);
  for (const auto& file : files.with) inputs.beside.push_back(study_network(file, front));
  if (files.data.empty() && compile.calibration.empty()) return inputs;
  const auto taken = compile.taken();
  for (const auto& file : files.with) {
    const auto others = pipeline::network_inputs(file, front.shapes, front.host);
    if (!same_shapes(others, taken))
      throw Error(fmt::format("--with {}: takes {}, expected {} as {}", file.string(),
                              shapes_text(others), shapes_text(taken), compile.network.string()));
  }
  if (!compile.calibration.empty())
    inputs.calibration = data::load_dataset(compile.calibration, taken);
  if (!files.data.empty()) inputs.data = labelled(files, taken);
  return inputs;
}

}  // namespace systole::cli
