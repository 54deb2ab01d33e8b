// SPDX-License-Identifier: Apache-2.0
// What data can be given for, before anything is compiled.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/onnx/branches.h"
#include "compiler/onnx/input_shapes.h"
#include "compiler/onnx/inputs.h"
#include "compiler/onnx/model_file.h"
#include "compiler/pipeline/front.h"
#include "compiler/pipeline/whole_network.h"
#include "model/base/error.h"

namespace systole::pipeline {

std::vector<data::NetworkInput> network_inputs(const std::filesystem::path& onnx,
                                               const importer::InputShapes& shapes, bool host) {
  const onnx::ModelProto model = importer::read_network(onnx, shapes);
  const importer::ImportContext context(model.graph(), onnx.parent_path(),
                                        importer::onnx_opset(model));
  std::vector<importer::StatedInput> stated;
  try {
    stated = importer::stated_inputs(context, model.graph(), shapes, !host);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", onnx.string(), error.what()), error.code());
  }
  // In stages a leading dimension is whatever the network means by it, a sequence's time, say.
  const bool batches =
      std::any_of(stated.begin(), stated.end(),
                  [](const importer::StatedInput& input) { return input.stated_batch > 1; });
  const bool items =
      !host || !batches || find_whole_network(onnx, shapes, nullptr, nullptr).has_value();
  std::vector<data::NetworkInput> inputs;
  for (const importer::StatedInput& input : stated) {
    inputs.push_back({input.name, input.dims, input.integers});
    if (items && !input.dims.empty()) inputs.back().shape[0] = 1;
  }
  return inputs;
}

}  // namespace systole::pipeline
