// SPDX-License-Identifier: Apache-2.0
// ONNX's own backend test data (Debian's libonnx-testdata), case by case: the float network gives
// the expected outputs, the quantised one is at most a step from it on what its bytes stand for,
// and the program gives the quantised one's bytes.
#include <onnx/onnx_pb.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "compiler/pipeline/front.h"
#include "compiler/values/literal.h"
#include "model/base/error.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "/usr/share/libonnx-testdata/data";
const fs::path kList = fs::path(SYSTOLE_SOURCE_DIR) / "tests/operators/backend_cases.txt";

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// input_0.pb, input_1.pb, ... of a case.
std::vector<onnx::TensorProto> read_tensors(const fs::path& folder, const std::string& kind) {
  std::vector<onnx::TensorProto> tensors;
  for (int i = 0;; ++i) {
    const fs::path file = folder / (kind + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) return tensors;
    tensors.emplace_back();
    if (!tensors.back().ParseFromString(read_file(file))) throw Error("not a tensor");
  }
}

std::vector<float> numbers_of(const onnx::TensorProto& tensor) {
  const values::Literal literal = values::read_literal(tensor, {});
  if (literal.is_float) return literal.floats;
  return {literal.ints.begin(), literal.ints.end()};
}

/// A case as this compiler takes networks: all inputs but the activations are constants.
struct Case {
  std::string bytes;
  Arrays inputs, outputs;
};

/// `activations`: how many of the leading inputs are no constants.
Case make_case(const fs::path& folder, size_t activations) {
  onnx::ModelProto model;
  if (!model.ParseFromString(read_file(folder / "model.onnx"))) throw Error("not a model");
  Case made;
  auto tensors = read_tensors(folder / "test_data_set_0", "input");
  onnx::GraphProto& graph = *model.mutable_graph();
  for (size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].set_name(graph.input(static_cast<int>(i)).name());
    if (i >= activations) {
      *graph.add_initializer() = tensors[i];
      continue;
    }
    made.inputs.push_back(numbers_of(tensors[i]));
    auto* shape = graph.mutable_input(static_cast<int>(i))
                      ->mutable_type()
                      ->mutable_tensor_type()
                      ->mutable_shape();
    if (shape->dim_size() == 1) {  // one item of features
      const int64_t features = shape->dim(0).dim_value();
      shape->mutable_dim(0)->set_dim_value(1);
      shape->add_dim()->set_dim_value(features);
    }
  }
  for (const auto& tensor : read_tensors(folder / "test_data_set_0", "output")) {
    made.outputs.push_back(numbers_of(tensor));
  }
  made.bytes = model.SerializeAsString();
  return made;
}

/// Weights as their bytes stand for them: the inputs of the definition, too.
void round_weights(graph::Graph& graph) {
  for (graph::Node& node : graph.nodes) {
    auto* conv = node.if_is<graph::Conv>();
    if (conv == nullptr || conv->states_integers()) continue;
    const size_t taps = conv->taps();
    for (size_t row = 0; row < conv->weights.size(); row += taps) {
      float largest = 0;
      for (size_t i = row; i < row + taps; ++i)
        largest = std::max(largest, std::fabs(conv->weights[i]));
      if (largest == 0) continue;
      const float scale = largest / 127;
      for (size_t i = row; i < row + taps; ++i)
        conv->weights[i] = std::nearbyint(conv->weights[i] / scale) * scale;
    }
  }
}

/// Why the case is no network of this compiler; empty if it is one, and everything about it holds.
std::string run_case(const fs::path& folder, size_t activations) {
  try {
    const Case c = make_case(folder, activations);
    const ScratchFolder scratch;
    const exec::FloatExecutor executor(
        pipeline::load_graph(scratch.write("net.onnx", c.bytes), nullptr, nullptr));
    if (!executor.graph().host_steps.empty()) return "the host computes it";
    const QuantisedNetwork network(c.bytes, c.inputs, round_weights);
    const QuantisedNetwork exact(c.bytes, c.inputs);
    INFO(graph::to_text(network.graph()) << graph::to_text(network.quantised()));
    REQUIRE(exact.outputs().size() == c.outputs.size());
    for (size_t o = 0; o < c.outputs.size(); ++o) {
      REQUIRE(exact.outputs()[o].size() == c.outputs[o].size());
      for (size_t i = 0; i < c.outputs[o].size(); ++i)
        REQUIRE(exact.outputs()[o][i] == Approx(c.outputs[o][i]).epsilon(1e-4).margin(1e-4));
    }
    REQUIRE(network.worst_steps() <= 1.001);
    network.check_program(square_arch());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::set<std::string> listed_cases() {
  std::set<std::string> names;
  std::ifstream stream(kList);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  return names;
}

}  // namespace

TEST_CASE("ONNX's backend test data: the listed cases hold") {
  REQUIRE(fs::exists(kData));  // Debian's libonnx-testdata: tools/install_deps.sh
  const std::set<std::string> names = listed_cases();
  REQUIRE(names.size() > 100);
  for (const std::string& name : names) {
    INFO(name);
    const size_t inputs = read_tensors(kData / name / "test_data_set_0", "input").size();
    // Tensors that stand side by side are activations where they can be, constants else.
    std::string why = run_case(kData / name, inputs);
    if (!why.empty() && inputs > 1) why = run_case(kData / name, 1);
    CHECK(why == "");
  }
}

TEST_CASE("ONNX's backend test data: every other case is refused with a reason", "[.list]") {
  REQUIRE(fs::exists(kData));
  for (const std::string group : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(kData / group))
      if (fs::exists(entry.path() / "test_data_set_0")) names.insert(entry.path().filename());
    for (const std::string& name : names) {
      const fs::path folder = kData / group / name;
      INFO(name);
      const size_t inputs = read_tensors(folder / "test_data_set_0", "input").size();
      std::string why = inputs == 0 ? "no input" : run_case(folder, inputs);
      if (!why.empty() && inputs > 1) why = run_case(folder, 1);
      std::printf("%s/%s%s%s\n", group.c_str(), name.c_str(), why.empty() ? "" : " # ",
                  why.substr(0, 300).c_str());
    }
  }
}

}  // namespace systole::test
