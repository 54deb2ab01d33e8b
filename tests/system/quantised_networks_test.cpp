// SPDX-License-Identifier: Apache-2.0
// Networks that arrive quantised, by another quantiser: ONNX Runtime's output bytes from the
// quantised graph, the golden executor, the model and the RTL.
#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/data/npy.h"
#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "model/golden/golden.h"
#include "sim/cosim/cosim.h"
#include "sim/engine/engine.h"
#include "tests/compile.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";
constexpr int64_t kImages = 16;  // of the expected outputs

/// A network of tests/data/quantised on the first test images.
struct Network {
  graph::QGraph graph;
  std::vector<int8_t> input;     ///< stored bytes
  std::vector<int8_t> expected;  ///< ONNX Runtime's bytes, as the hardware stores them
};

Network load(const std::string& name) {
  const auto net = kData / "quantised" / (name + ".onnx");
  Network result;
  pipeline::FrontOptions options;
  options.batch = kImages;
  std::vector<std::string> warnings;
  options.warnings = &warnings;
  result.graph = compile_graph(net, options);
  // The scales are the network's own: nothing was calibrated, on random data or other.
  for (const std::string& warning : warnings)
    CHECK(warning.find("calibration") == std::string::npos);
  const graph::QTensor& in = result.graph.tensors[static_cast<size_t>(result.graph.inputs.at(0))];
  std::vector<int64_t> shape = in.onnx_shape;
  shape[0] = 1;
  const std::string data = name.substr(0, name.find('_')) + ".yaml";
  for (const auto& item : data::load_dataset(kData / data, shape, kImages).items) {
    program::TensorInfo one = graph::tensor_info(in);
    one.shape[0] = 1;
    const auto bytes = quant::quantise_input(one, item.at(0));
    result.input.insert(result.input.end(), bytes.begin(), bytes.end());
  }
  const data::NpyArray expected = data::read_npy(kData / "quantised" / (name + ".expected.npy"));
  const int offset = expected.type == data::NpyArray::Type::kU8 ? -128 : 0;
  for (int64_t i = 0; i < expected.elements(); ++i)
    result.expected.push_back(static_cast<int8_t>(static_cast<int>(expected.at(i)) + offset));
  return result;
}

std::vector<int8_t> output_of(const program::Program& program, const uint8_t* dram) {
  const program::TensorInfo& out = program.outputs.at(0);
  const auto* first = reinterpret_cast<const int8_t*>(dram) + out.addr;
  return {first, first + out.bytes()};
}

int bytes_apart(const std::vector<int8_t>& a, const std::vector<int8_t>& b) {
  REQUIRE(a.size() == b.size());
  int apart = 0;
  for (size_t i = 0; i < a.size(); ++i) apart += a[i] != b[i];
  return apart;
}

/// Both engines are equal in everything, and their output is ONNX Runtime's.
void check_engines(const std::string& name) {
  const Network network = load(name);
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const program::Program program = lower::compile_back(network.graph, arch, {});
  platform::DramImage image = platform::make_image(program);
  std::copy(network.input.begin(), network.input.end(), image.begin() + program.inputs.at(0).addr);
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  REQUIRE(result.rtl.result.status == platform::RunStatus::kFinished);
  CHECK(bytes_apart(output_of(program, result.rtl.image.data()), network.expected) == 0);
}

}  // namespace

TEST_CASE("networks that arrive quantised give ONNX Runtime's bytes") {
  const std::string name =
      GENERATE(as<std::string>{}, "lenet_qdq_u8s8_perchannel", "lenet_qdq_s8s8_pertensor",
               "lenet_qdq_s8s8_prerelu", "lenet_qdq_u8weights", "lenet_qdq_biasscale16",
               "lenet_qoperator", "mlp_qdq_s8s8_pertensor", "resnet8_qdq_u8s8_perchannel",
               "resnet8_qdq_s8s8_pertensor", "resnet8_qdq_u8weights", "resnet8_qdq_nofusedadd",
               "resnet8_qdq_fusedadd", "resnet8_qdq_biasscale", "resnet8_qoperator");
  INFO(name);
  const Network network = load(name);
  CHECK(bytes_apart(exec::run_qgraph(network.graph, network.input).at(0), network.expected) == 0);
  const program::Program program =
      lower::compile_back(network.graph, arch::load_arch("edge-16x16"), {});
  std::vector<uint8_t> dram(program.dram_bytes);
  for (const program::Segment& segment : program.segments)
    std::copy(segment.bytes.begin(), segment.bytes.end(), dram.begin() + segment.addr);
  std::copy(network.input.begin(), network.input.end(), dram.begin() + program.inputs.at(0).addr);
  REQUIRE(golden::run_golden(program, dram, {}).status == golden::GoldenResult::Status::kFinished);
  CHECK(bytes_apart(output_of(program, dram.data()), network.expected) == 0);
}

TEST_CASE("LeNet with a rounding before each Relu gives ONNX Runtime's bytes on both engines") {
  check_engines("lenet_qdq_s8s8_prerelu");
}
TEST_CASE("LeNet of quantised operators gives ONNX Runtime's bytes on both engines") {
  check_engines("lenet_qoperator");
}
TEST_CASE("ResNet-8 with two roundings an add gives ONNX Runtime's bytes on both engines") {
  check_engines("resnet8_qdq_nofusedadd");
}
TEST_CASE("ResNet-8 with one rounding an add gives ONNX Runtime's bytes on both engines") {
  check_engines("resnet8_qdq_fusedadd");
}

TEST_CASE("ResNet-8 with biases of a foreign scale gives ONNX Runtime's bytes on both engines") {
  check_engines("resnet8_qdq_biasscale");
}

}  // namespace systole
