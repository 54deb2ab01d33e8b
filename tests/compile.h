// SPDX-License-Identifier: Apache-2.0
// Short ways to the front half for tests.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "compiler/pipeline/plan.h"

namespace systole {

/// The graph of a network that the accelerator runs alone.
inline graph::QGraph compile_graph(const std::filesystem::path& onnx,
                                   const pipeline::FrontOptions& options) {
  pipeline::NetworkPlan plan = pipeline::compile_front(onnx, options);
  return *plan.stages.at(0).device;
}

/// With the host's help.
inline pipeline::NetworkPlan compile_staged(const std::filesystem::path& onnx,
                                            pipeline::FrontOptions options) {
  options.host = true;
  return pipeline::compile_front(onnx, options);
}
inline pipeline::FloatPlan load_staged(const std::filesystem::path& onnx,
                                       std::vector<std::string>* warnings = nullptr) {
  return pipeline::load_float_plan(onnx, {}, true, warnings);
}

}  // namespace systole
