// SPDX-License-Identifier: Apache-2.0
// A trained network, pruned in one shot: both engines equal, the outputs those of the quantised
// graph, the patterns seen again in what is stored.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/tensor_io.h"
#include "model/arch/weight_rows.h"
#include "sim/cosim/cosim.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "sim/report/report.h"
#include "sim/report/sparsity.h"
#include "sim/report/weight_patterns.h"
#include "tests/compile.h"
#include "tests/unit/json_schema.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";
const std::filesystem::path kResNet = kData / "resnet8_fmnist.onnx";

/// ResNet-8, calibrated on its data, after these requests.
graph::QGraph pruned(const std::vector<std::string>& requests, const arch::ArchConfig& arch) {
  const data::Dataset calibration = data::load_dataset(
      kData / "resnet8_calib.yaml", pipeline::load_float_network(kResNet).input_shape());
  pipeline::FrontOptions options;
  options.prune = {prune::parse_prune(requests), arch.hw};
  options.calibration = &calibration;
  return compile_graph(kResNet, options);
}

/// Patterns of the layers but the first and the last.
std::vector<report::WeightPatterns> inner_patterns(const graph::QGraph& graph,
                                                   const arch::ArchConfig& arch) {
  std::vector<report::WeightPatterns> result;
  for (const auto& layer : report::weight_patterns(graph, arch))
    if (layer) result.push_back(*layer);
  return {result.begin() + 1, result.end() - 1};
}

/// Runs it on both engines on a test image; returns the model's report.
report::Report check_run(const graph::QGraph& graph, const arch::ArchConfig& arch) {
  const program::Program program = lower::compile_back(graph, arch, {});
  for (const auto& layer :
       report::weight_patterns(graph, report::weight_facts(graph), program, arch)) {
    if (!layer) continue;
    const auto segment =
        std::find_if(program.segments.begin(), program.segments.end(),
                     [&](const program::Segment& s) { return s.name == "weights " + layer->name; });
    REQUIRE(segment != program.segments.end());
    const int64_t values =
        layer->stored == lower::WeightFormat::kCodebook ? arch::kCodebookBytes : 0;
    CHECK(static_cast<int64_t>(segment->bytes.size()) + values == layer->stored_bytes);
  }
  const data::Dataset data = data::load_dataset(
      kData / "resnet8.yaml", pipeline::load_float_network(kResNet).input_shape(), 1);
  const std::vector<int8_t> input =
      quant::quantise_input(program.inputs.at(0), data.items.at(0).at(0));
  platform::DramImage image = platform::make_image(program);
  std::copy(input.begin(), input.end(), image.begin() + program.inputs.at(0).addr);
  const cosim::CosimResult result = cosim::cosim_program(program, arch, image, {});
  CHECK(result.difference == "");
  REQUIRE(result.rtl.result.status == platform::RunStatus::kFinished);
  const auto expected = exec::run_qgraph(graph, input);
  const auto* stored =
      reinterpret_cast<const int8_t*>(result.rtl.image.data()) + program.outputs.at(0).addr;
  CHECK(std::equal(expected[0].begin(), expected[0].end(), stored));

  const report::Report report =
      report::make_report(program, arch, result.model.result, "model", true);
  nlohmann::ordered_json json = report::to_json(report, arch, result.model.result);
  json["provenance"] = report::provenance_json(SYSTOLE_SOURCE_DIR "/tests/data/README.md", report);
  report::add_weights(report::weight_patterns(graph, report::weight_facts(graph), program, arch),
                      json);
  std::ifstream schema(SYSTOLE_SOURCE_DIR "/docs/result.schema.json");
  CHECK(schema_violation(nlohmann::json::parse(json.dump()), nlohmann::json::parse(schema)) == "");
  CHECK(json["layers"][0].contains("weights"));
  return report;
}

TEST_CASE("ResNet-8 with fewer channels and 2:4 runs as its quantised reference") {
  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  arch.hw.structured = GENERATE(0, 1);
  // Channels by quarters, so that groups of four are left; b1 ends in an add with the first layer.
  const graph::QGraph graph = pruned({"channel:0.25@/b[123]/*1/Conv", "nm:2:4"}, arch);
  for (const report::WeightPatterns& layer : inner_patterns(graph, arch)) {
    INFO(layer.name);
    CHECK(layer.two_of_four);
    CHECK(layer.zeros * 2 >= layer.count);
    CHECK((layer.stored == lower::WeightFormat::kTwoOfFour) == (arch.hw.structured != 0));
  }
  const report::Report report = check_run(graph, arch);
  CHECK(report.dense_macs == 12'501'632);
  // conv1 of every block makes 3/4 of its channels, conv2 reads them: both do 3/4 of their MACs.
  const auto macs = [&](const std::string& name) {
    const auto found =
        std::find_if(report.layers.begin(), report.layers.end(),
                     [&](const report::LayerReport& layer) { return layer.name == name; });
    REQUIRE(found != report.layers.end());
    return std::pair(found->useful_macs, found->dense_macs);
  };
  for (const char* name : {"/b1/conv1/Conv", "/b1/conv2/Conv", "/b3/conv1/Conv", "/b3/conv2/Conv"})
    CHECK(macs(name).first * (arch.hw.structured != 0 ? 8 : 4) == macs(name).second * 3);
}

TEST_CASE("ResNet-8 with zero tiles and shared weights runs as its quantised reference") {
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const graph::QGraph graph = pruned({"block:0.25", "codebook:16"}, arch);
  for (const report::WeightPatterns& layer : inner_patterns(graph, arch)) {
    INFO(layer.name);
    CHECK(layer.zero_tiles >= layer.tiles / 4);
    CHECK(layer.distinct <= 16);
    CHECK(layer.bytes_of(lower::WeightFormat::kCodebook) <
          layer.bytes_of(lower::WeightFormat::kDense));
    CHECK(layer.stored == lower::WeightFormat::kCodebook);
  }
  const report::Report report = check_run(graph, arch);
  // A quarter of the tiles of all layers but the first and the last, less those that end a matmul.
  CHECK(report.useful_macs < report.dense_macs * 4 / 5);
}

TEST_CASE("ResNet-8 of low rank with single zeros runs as its quantised reference") {
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const graph::QGraph graph = pruned({"lowrank:0.25@/b3/*", "unstructured:0.5"}, arch);
  CHECK(inner_patterns(graph, arch).size() == 8 + 3);
  for (const report::WeightPatterns& layer : inner_patterns(graph, arch))
    CHECK(layer.zeros * 2 >= layer.count);
  const report::Report report = check_run(graph, arch);
  CHECK(report.dense_macs == 12'501'632);
  CHECK(report.useful_macs < report.dense_macs);
}

/// A network that was pruned and fine-tuned elsewhere.
graph::QGraph fine_tuned(const std::string& name) {
  const auto net = kData / "pruned" / (name + ".onnx");
  const std::string data = name.substr(0, name.find('_'));
  const data::Dataset calibration = data::load_dataset(
      kData / (data + "_calib.yaml"), pipeline::load_float_network(net).input_shape());
  pipeline::FrontOptions options;
  options.calibration = &calibration;
  return compile_graph(net, options);
}

/// Images of 1,000 that the ResNet-8 gets right.
int right_of(const graph::QGraph& graph) {
  const data::Dataset data = data::load_dataset(
      kData / "resnet8.yaml", pipeline::load_float_network(kResNet).input_shape());
  const program::TensorInfo input =
      graph::tensor_info(graph.tensors[static_cast<size_t>(graph.inputs.at(0))]);
  int right = 0;
  for (size_t i = 0; i < data.items.size(); ++i) {
    const std::vector<int8_t> y =
        exec::run_qgraph(graph, quant::quantise_input(input, data.items[i].at(0)))[0];
    right += std::max_element(y.begin(), y.end()) - y.begin() == data.labels[i];
  }
  return right;
}

TEST_CASE("networks pruned elsewhere are seen for what they are and keep their accuracy") {
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  SECTION("2:4") {
    const graph::QGraph graph = fine_tuned("resnet8_fmnist_2to4");
    for (const report::WeightPatterns& layer : inner_patterns(graph, arch)) {
      INFO(layer.name);
      CHECK(layer.two_of_four);
      CHECK_FALSE(layer.one_of_two);
      // Quantisation adds zeros to the half: a mask names fewer weights than 2:4 keeps.
      CHECK(layer.smallest() == lower::WeightFormat::kBitmask);
      CHECK(layer.bytes_of(lower::WeightFormat::kTwoOfFour) * 8 <=
            layer.bytes_of(lower::WeightFormat::kDense) * 5);
    }
    CHECK(right_of(graph) >= 917 - 10);
  }
  SECTION("2:4 along flattened features is none along the channels of the map") {
    for (const report::WeightPatterns& layer :
         inner_patterns(fine_tuned("lenet_fmnist_2to4"), arch)) {
      INFO(layer.name);
      CHECK(layer.two_of_four == (layer.name != "/fc1/Gemm"));
      CHECK(layer.zeros * 2 >= layer.count);
    }
  }
  SECTION("single weights") {
    const graph::QGraph graph = fine_tuned("resnet8_fmnist_unstr80");
    int64_t zeros = 0, count = 0;
    for (const report::WeightPatterns& layer : inner_patterns(graph, arch)) {
      zeros += layer.zeros;
      count += layer.count;
      CHECK(layer.smallest() == lower::WeightFormat::kBitmask);
    }
    CHECK(zeros * 5 >= count * 4);
    CHECK(right_of(graph) >= 920 - 10);
  }
  SECTION("channels") {
    const graph::QGraph graph = fine_tuned("resnet8_fmnist_chan50");
    CHECK(right_of(graph) >= 911 - 10);
    CHECK(check_run(graph, arch).useful_macs == 3'236'160);
  }
}

TEST_CASE("one-shot pruning that a network can bear leaves its accuracy") {
  const int right =
      right_of(pruned({"unstructured:0.3", "codebook:16"}, arch::load_arch("edge-16x16")));
  CHECK(right > 895);  // of 1,000; float32: 917
}

}  // namespace
}  // namespace systole
