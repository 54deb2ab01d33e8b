// SPDX-License-Identifier: Apache-2.0
// Topologies of SCALE-Sim become the layers that it would run, and run.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "compiler/compile.h"
#include "compiler/topology/scale_sim.h"
#include "sim/engine/run_process.h"
#include "sim/report/report.h"

namespace systole {
namespace {

QGraph topology_of(const std::string& text, int64_t batch = 1) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("systole-topology-" + std::to_string(getpid()) + ".csv");
  std::ofstream(file) << text;
  QGraph graph = load_topology(file, batch);
  std::filesystem::remove(file);
  return graph;
}

Report run(const QGraph& graph, const ArchConfig& arch) {
  const Program program = compile_back(graph, arch, {});
  DramImage dram = make_image(program);
  RunOptions options;
  options.functional = false;
  const auto engine = make_model_engine(arch);
  const RunResult result = run_in_process(*engine, program, dram, options);
  REQUIRE(result.status == RunStatus::kFinished);
  return make_report(program, arch, result, "model", false);
}

TEST_CASE("a line of convolution has SCALE-Sim's output size, rounded up") {
  const QGraph graph = topology_of(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Stride height, Stride width,\n"
      "a, 10, 9, 3, 2, 5, 7, 2, 3,\n",
      2);
  REQUIRE(graph.ops.size() == 1);
  const QTensor& out = graph.tensors[static_cast<size_t>(graph.ops[0].conv.out)];
  CHECK(out.n == 2);
  CHECK(out.h == 5);  // ceil((10 - 3 + 2) / 2)
  CHECK(out.w == 4);  // ceil((9 - 2 + 3) / 3)
  CHECK(out.c == 7);
  CHECK(graph.ops[0].dense_macs == 2 * 5 * 4 * 7 * 3 * 2 * 5);
}

TEST_CASE("a name with DP is a depthwise convolution, a layer for each channel") {
  const QGraph graph = topology_of(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides,\n"
      "DP1, 8, 8, 3, 3, 6, 1, 1,\n");
  REQUIRE(graph.ops.size() == 6);
  CHECK(graph.ops[5].name == "DP1Channel_5");
  CHECK(graph.tensors[static_cast<size_t>(graph.ops[5].conv.in)].c == 1);
}

TEST_CASE("a GEMM of M, N, K takes ceil(K/ROWS) * ceil(N/COLS) * max(M, ROWS) cycles at least") {
  ArchConfig arch = load_arch("edge-16x16");
  const Report report =
      run(load_topology(SYSTOLE_SOURCE_DIR "/configs/topologies/bert_layer_gemm.csv", 1), arch);
  REQUIRE(report.layers.size() == 4);
  CHECK(report.layers[0].name == "query_key_value");
  CHECK(report.layers[0].useful_macs == int64_t{128} * 2304 * 768);
  CHECK(report.layers[0].bounds.mxu == 48 * 144 * 128);
  CHECK(static_cast<double>(report.cycles) < 1.1 * static_cast<double>(report.layer_bound_sum));
}

TEST_CASE("sparsity of a topology is in its weights: 2:4 halves the tiles of a structured array") {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "systole_nm.csv";
  const auto macs = [&](const char* lines, int structured) {
    std::ofstream(file) << lines;
    ArchConfig arch = load_arch("edge-16x16");
    arch.hw.structured = structured;
    return run(load_topology(file, 1), arch);
  };
  const char* dense = "Layer, M, N, K, Sparsity,\na, 512, 64, 512, 1:1,\n";
  const char* sparse = "Layer, M, N, K, Sparsity,\na, 512, 64, 512, 2:4,\n";
  const Report full = macs(dense, 1), half = macs(sparse, 1), masked = macs(sparse, 0);
  std::filesystem::remove(file);
  CHECK(full.useful_macs == int64_t{512} * 64 * 512);
  CHECK(half.useful_macs * 2 == full.useful_macs);
  CHECK(half.layers[0].bounds.mxu * 2 == full.layers[0].bounds.mxu);
  CHECK(half.cycles * 10 < full.cycles * 6);
  CHECK(half.bytes.weights * 8 == full.bytes.weights * 5);
  CHECK(masked.useful_macs == full.useful_macs);
}

TEST_CASE("AlexNet's topology runs with all its MACs") {
  const Report report = run(load_topology(SYSTOLE_SOURCE_DIR "/configs/topologies/alexnet.csv", 1),
                            load_arch("edge-32x32"));
  // 55*55*96*363 + 27*27*256*2400 + 13*13*(384*2304 + 384*3456 + 256*3456) + 9216*4096
  // + 4096*4096 + 4096*1000, the second to fifth without the groups of the original.
  CHECK(report.useful_macs == 1135256096);
  CHECK(report.layers.size() == 8);
}

}  // namespace
}  // namespace systole
