// SPDX-License-Identifier: Apache-2.0
// An ONNX file as a float32 function, passes included.
#include "compiler/pipeline/float_network.h"

#include <fmt/format.h>

#include <utility>

#include "compiler/onnx/inputs.h"
#include "compiler/pipeline/plan.h"
#include "model/base/error.h"

namespace systole::pipeline {

FloatNetwork::FloatNetwork(FloatPlan plan) : plan_(std::move(plan)) {
  for (const PlanTensor& input : plan_.inputs)
    inputs_.push_back({input.name, input.type.dims, importer::whole_numbers(input.type.type)});
}

std::vector<std::vector<float>> FloatNetwork::run_all(const data::Item& item) const {
  std::vector<HostValues> values = host_items(plan_.inputs, data::Dataset{{item}, {}});
  run_float(plan_, values[0]);
  std::vector<std::vector<float>> outputs;
  for (const PlanTensor& out : plan_.outputs) outputs.push_back(numbers_of(values[0].at(out.name)));
  return outputs;
}

FloatNetwork load_float_network(const std::filesystem::path& onnx,
                                const importer::InputShapes& shapes,
                                const prune::PruneOptions& prune, bool host) {
  FloatPlan plan = load_float_plan(onnx, shapes, host);
  try {
    prune_plan(plan, prune);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  return FloatNetwork(std::move(plan));
}

}  // namespace systole::pipeline
