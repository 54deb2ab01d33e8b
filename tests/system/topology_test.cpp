// SPDX-License-Identifier: Apache-2.0
// Topologies of SCALE-Sim become the layers that it would run, and run.
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>

#include "compiler/lower/compile_back.h"
#include "compiler/topology/scale_sim.h"
#include "sim/engine/run_process.h"
#include "sim/report/report.h"

namespace systole {
namespace {

graph::QGraph topology_of(const std::string& text, int64_t batch = 1,
                          quant::LayerWidths widths = {}) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("systole-topology-" + std::to_string(getpid()) + ".csv");
  std::ofstream(file) << text;
  graph::QGraph graph = topology::load_topology(file, batch, widths);
  std::filesystem::remove(file);
  return graph;
}

report::Report run(const graph::QGraph& graph, const arch::ArchConfig& arch) {
  const program::Program program = lower::compile_back(graph, arch, {});
  platform::DramImage dram = platform::make_image(program);
  platform::RunOptions options;
  options.functional = false;
  const auto engine = engine::make_model_engine(arch);
  const platform::RunResult result = engine::run_in_process(*engine, program, dram, options);
  REQUIRE(result.status == platform::RunStatus::kFinished);
  return report::make_report(program, arch, result, "model", false);
}

TEST_CASE("a line of convolution has SCALE-Sim's output size, rounded up") {
  const graph::QGraph graph = topology_of(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Stride height, Stride width,\n"
      "a, 10, 9, 3, 2, 5, 7, 2, 3,\n",
      2);
  REQUIRE(graph.ops.size() == 1);
  const graph::QTensor& out = graph.tensors[static_cast<size_t>(graph.ops[0].conv().out)];
  CHECK(out.n == 2);
  CHECK(out.h == 5);  // ceil((10 - 3 + 2) / 2)
  CHECK(out.w == 4);  // ceil((9 - 2 + 3) / 3)
  CHECK(out.c == 7);
  CHECK(graph.ops[0].dense_macs == 2 * 5 * 4 * 7 * 3 * 2 * 5);
}

constexpr const char* kConv =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

/// Input height, width and channels of operator `i`.
std::array<int64_t, 3> input_size(const graph::QGraph& graph, size_t i) {
  const graph::QTensor& in = graph.tensors[static_cast<size_t>(graph.ops.at(i).conv().in)];
  return {in.h, in.w, in.c};
}

TEST_CASE("a name with DP is a depthwise convolution with filters of its own for each channel") {
  const graph::QGraph graph = topology_of(std::string(kConv) + "DP1, 8, 8, 3, 3, 6, 2, 1,\n");
  REQUIRE(graph.ops.size() == 1);
  CHECK(graph.ops[0].name == "DP1");
  CHECK(graph.ops[0].conv().group == 6);
  CHECK(graph.tensors[static_cast<size_t>(graph.ops[0].conv().out)].c == 12);
  CHECK(graph.ops[0].dense_macs == 6 * 6 * 9 * 12);
  // A matrix product has no channels to tell apart.
  CHECK(topology_of("Layer, M, N, K,\nDP1, 8, 8, 4,\n").ops.at(0).conv().group == 1);
}

TEST_CASE("a depthwise line takes diagonal tiles: 9 taps, 2 of 16 channels each, 1,024 pixels") {
  const report::Report report =
      run(topology_of(std::string(kConv) + "DP1, 34, 34, 3, 3, 32, 1, 1,\n"),
          arch::load_arch("edge-16x16"));
  CHECK(report.layers.at(0).bounds.mxu == 9 * 2 * 1024);
  CHECK(report.cycles < 2 * 9 * 2 * 1024);
}

TEST_CASE(
    "titles, headers once more, rows of commas, a byte order mark and remarks are no layers") {
  const graph::QGraph graph =
      topology_of("\xEF\xBB\xBF" + std::string(kConv) + ",,,,,,,,\nAlexNet,\n" + kConv +
                  "a, 10, 10, 3, 3, 4, 8, 1, # remark\n");
  REQUIRE(graph.ops.size() == 1);
  CHECK(graph.ops[0].name == "a");
  const graph::QGraph tabs = topology_of(
      "Layer name\tIFMAP Height\tIFMAP Width\tFilter Height\tFilter Width\tChannels\tNum "
      "Filter\tStrides\t\na\t10\t10\t3\t3\t4\t8\t1\t\n");
  CHECK(tabs.ops.at(0).dense_macs == graph.ops[0].dense_macs);
}

TEST_CASE("a batch size of the file multiplies that of the command") {
  const graph::QGraph graph = topology_of(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides, Batch Size,\na, 10, 10, 3, 3, 4, 8, 1, 4,\n",
      3);
  CHECK(graph.batch == 12);
  CHECK(graph.ops.at(0).dense_macs == 12 * 64 * 9 * 4 * 8);
}

TEST_CASE("a filter as wide as its input is a matrix product") {
  // Rows times a matrix; and a fully connected layer.
  const graph::QGraph rows = topology_of(std::string(kConv) + "a, 196, 256, 1, 256, 1, 230, 1,\n");
  CHECK(input_size(rows, 0) == std::array<int64_t, 3>{196, 1, 256});
  const graph::QGraph full = topology_of(std::string(kConv) + "a, 300, 300, 300, 300, 2, 10, 1,\n");
  // 180,000 channels are 3 taps of 60,000.
  CHECK(input_size(full, 0) == std::array<int64_t, 3>{1, 3, 60000});
  CHECK(full.ops[0].dense_macs == 180000 * 10);
}

TEST_CASE("sizes beyond 65,535 are cut, and no MAC is lost or made up") {
  const auto macs = [](const graph::QGraph& graph) {
    int64_t sum = 0;
    for (const graph::QOp& op : graph.ops) sum += op.dense_macs;
    return sum;
  };
  const graph::QGraph rows = topology_of("Layer, M, N, K,\na, 100000, 8, 4,\n");
  CHECK(input_size(rows, 0) == std::array<int64_t, 3>{400, 250, 4});
  CHECK(macs(rows) == 3200000);
  const graph::QGraph prime = topology_of("Layer, M, N, K,\na, 100003, 8, 4,\n");
  REQUIRE(prime.ops.size() == 2);
  CHECK(prime.ops[1].name == "a part 2 of 2");
  CHECK(macs(prime) == int64_t{100003} * 32);
  const graph::QGraph filters = topology_of("Layer, M, N, K,\na, 2, 70000, 4,\n");
  CHECK(filters.ops.size() == 2);
  CHECK(macs(filters) == 2 * 70000 * 4);
  // 65,537 is prime: two taps of 32,769 channels, of which one is filled up.
  const graph::QGraph depth = topology_of("Layer, M, N, K,\na, 2, 3, 65537,\n");
  CHECK(input_size(depth, 0) == std::array<int64_t, 3>{2, 2, 32769});
  CHECK(macs(depth) == 2 * 3 * 65537);
  // 40,000 windows of 5 rows that are 2 apart need 80,003 rows.
  const graph::QGraph tall = topology_of(std::string(kConv) + "a, 80003, 4, 5, 3, 2, 6, 2,\n");
  REQUIRE(tall.ops.size() == 2);
  CHECK(input_size(tall, 0)[0] == 2 * 19999 + 5);
  CHECK(macs(tall) == int64_t{40000} * 2 * 15 * 2 * 6);  // the second column hangs over
}

TEST_CASE("widths are those of all lines but the first and the last") {
  const std::string file = "Layer, M, N, K,\na, 64, 64, 64,\nb, 64, 64, 64,\nc, 64, 64, 64,\n";
  const report::Report wide = run(topology_of(file), arch::load_arch("edge-16x16"));
  const report::Report narrow = run(topology_of(file, 1, {4, 4}), arch::load_arch("edge-16x16"));
  CHECK(narrow.layers.at(0).bounds.mxu == wide.layers.at(0).bounds.mxu);
  CHECK(narrow.layers.at(1).bounds.mxu * 2 == wide.layers.at(1).bounds.mxu);
  CHECK(wide.layers.at(1).reference.memory == 192);    // 3 x 4,096 bytes, 64 a cycle
  CHECK(narrow.layers.at(1).reference.memory == 128);  // 2 x 2,048, and 4,096 for the last line
  CHECK(narrow.layers.at(1).bytes.activations_read * 2 == wide.layers.at(1).bytes.activations_read);
  CHECK(narrow.layers.at(2).bounds.mxu == wide.layers.at(2).bounds.mxu);
}

TEST_CASE("a GEMM of M, N, K takes ceil(K/ROWS) * ceil(N/COLS) * max(M, ROWS) cycles at least") {
  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const report::Report report =
      run(topology::load_topology(SYSTOLE_SOURCE_DIR "/configs/topologies/bert_layer_gemm.csv", 1),
          arch);
  REQUIRE(report.layers.size() == 4);
  CHECK(report.layers[0].name == "query_key_value");
  CHECK(report.layers[0].useful_macs == int64_t{128} * 2304 * 768);
  CHECK(report.layers[0].bounds.mxu == 48 * 144 * 128);
  CHECK(static_cast<double>(report.cycles) < 1.1 * static_cast<double>(report.layer_reference));
}

TEST_CASE("sparsity of a topology is in its weights: 2:4 halves the tiles of a structured array") {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "systole_nm.csv";
  const auto macs = [&](const char* lines, int structured) {
    std::ofstream(file) << lines;
    arch::ArchConfig arch = arch::load_arch("edge-16x16");
    arch.hw.structured = structured;
    return run(topology::load_topology(file, 1), arch);
  };
  const char* dense = "Layer, M, N, K, Sparsity,\na, 512, 64, 512, 1:1,\n";
  const char* sparse = "Layer, M, N, K, Sparsity,\na, 512, 64, 512, 2:4,\n";
  const report::Report full = macs(dense, 1), half = macs(sparse, 1), masked = macs(sparse, 0);
  std::filesystem::remove(file);
  CHECK(full.useful_macs == int64_t{512} * 64 * 512);
  CHECK(half.useful_macs * 2 == full.useful_macs);
  CHECK(half.layers[0].bounds.mxu * 2 == full.layers[0].bounds.mxu);
  CHECK(half.cycles * 10 < full.cycles * 6);
  // Each streams its weights once for a tile, of which their plans have different numbers: 512 x 64
  // bytes; of 2:4 half of them, and 2 bits for each that is left.
  CHECK(full.bytes.weights % (512 * 64) == 0);
  CHECK(half.bytes.weights % (512 * 64 * 5 / 8) == 0);
  CHECK(half.bytes.weights < full.bytes.weights);
  CHECK(masked.useful_macs == full.useful_macs);
}

TEST_CASE("AlexNet's topology runs with all its MACs") {
  const report::Report report =
      run(topology::load_topology(SYSTOLE_SOURCE_DIR "/configs/topologies/alexnet.csv", 1),
          arch::load_arch("edge-32x32"));
  // 55*55*96*363 + 27*27*256*2400 + 13*13*(384*2304 + 384*3456 + 256*3456) + 9216*4096
  // + 4096*4096 + 4096*1000, the second to fifth without the groups of the original.
  CHECK(report.useful_macs == 1135256096);
  CHECK(report.layers.size() == 8);
}

}  // namespace
}  // namespace systole
