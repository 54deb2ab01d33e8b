// SPDX-License-Identifier: Apache-2.0
// What `systole quantise` writes of a network, which must read back as the same quantised graph.
#pragma once

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "compiler/pipeline/quantised_file.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {

inline pipeline::FrontOptions narrow_options() {
  pipeline::FrontOptions options;
  options.narrowest = {1, 1};
  return options;
}

/// What is written of `net`, which must be read as `net` is compiled.
inline onnx::ModelProto written(const OnnxBuilder& net,
                                pipeline::FrontOptions options = narrow_options(),
                                int64_t opset = 21) {
  const ScratchFolder folder;
  std::vector<std::string> warnings;
  options.warnings = &warnings;
  const auto file = folder.write("net.onnx", net.bytes());
  const graph::QGraph expected = compile_graph(file, options);
  const pipeline::QuantisedFile made = pipeline::write_quantised(file, options, opset);
  pipeline::FrontOptions own;  // the file states the rest
  own.narrowest = options.narrowest;
  own.batch = options.batch;
  const graph::QGraph back = compile_graph(folder.write("written.onnx", made.onnx), own);
  CHECK(graph::difference(expected, back) == "");
  CHECK(back.own_scales);
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(made.onnx));
  return model;
}

inline std::vector<std::string> operators(const onnx::ModelProto& model) {
  std::vector<std::string> names;
  for (const auto& node : model.graph().node()) names.push_back(node.op_type());
  return names;
}

inline bool has(const onnx::ModelProto& model, const std::string& op) {
  const std::vector<std::string> names = operators(model);
  return std::find(names.begin(), names.end(), op) != names.end();
}

/// x [1, 4, 6, 6] -> convolution "c" of 8 channels.
inline OnnxBuilder convolution(std::mt19937& rng, int64_t opset = 20) {
  OnnxBuilder net(opset);
  net.input("x", {1, 4, 6, 6}).random("w", {8, 4, 3, 3}, rng).random("b", {8}, rng);
  net.node("Conv", {"x", "w", "b"}, "c").set("pads", Dims{1, 1, 1, 1});
  return net;
}

}  // namespace systole::test
