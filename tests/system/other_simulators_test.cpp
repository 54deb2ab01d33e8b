// SPDX-License-Identifier: Apache-2.0
// What those bring who come from other simulators: configurations and reports of SCALE-Sim,
// problems of Timeloop.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <numeric>
#include <sstream>

#include "compiler/lower/compile_back.h"
#include "compiler/topology/scale_sim.h"
#include "compiler/topology/timeloop_problem.h"
#include "sim/engine/run_process.h"
#include "sim/report/report.h"
#include "sim/scale_sim/config.h"
#include "sim/scale_sim/reports.h"
#include "sim/session/machine.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

/// A file that is there until the end of the test.
class File {
 public:
  explicit File(const std::string& text) { std::ofstream(path_) << text; }
  ~File() { fs::remove(path_); }
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_ =
      fs::temp_directory_path() / ("systole-other-simulators-" + std::to_string(getpid()));
};

const fs::path kTopologies = SYSTOLE_SOURCE_DIR "/configs/topologies";

arch::ArchConfig machine_of(const std::string& config) {
  const File file(config);
  return session::load_scale_sim_machine(scale_sim::read_config(file.path()), "edge-16x16", "", {});
}

std::string config_text(const std::string& array, const std::string& bandwidth,
                        const std::string& more = "") {
  return "[general]\nrun_name = r\n[architecture_presets]\n" + array +
         "\nDataflow = ws\nBandwidth = 7,9\n" + more +
         "\n[run_presets]\nInterfaceBandwidth: " + bandwidth + "\n";
}

TEST_CASE("a configuration of SCALE-Sim gives array, memories and the sum of its bandwidths") {
  const auto config = scale_sim::read_config(kTopologies / "edge-16x16.cfg");
  const auto arch = session::load_scale_sim_machine(config, "cloud-128x128", "", {"array.cols=8"});
  CHECK(arch.name == "edge_16x16_ws+array.cols=8");
  CHECK(arch.hw.rows == 16);
  CHECK(arch.hw.cols == 8);  // what users set stands above it
  CHECK(arch.hw.ub_kib == 256);
  CHECK(arch.hw.wb_tiles == 128);  // 32 KiB of 256 bytes
  CHECK(arch.memory.kind == "ideal");
  CHECK(arch.memory.bytes_per_cycle == 48);  // 16 for each of three interfaces
  CHECK(arch.hw.axi_bits == 512);
  CHECK(arch.hw.structured == 0);
  CHECK(config.text.find("IfmapOffset, FilterOffset, OfmapOffset") != std::string::npos);
  CHECK(config.text.find("unknown") == std::string::npos);
  // Of another memory the configuration says nothing.
  CHECK(session::load_scale_sim_machine(config, "edge-16x16", "ddr4-2400", {}).memory.kind ==
        "ddr");
}

TEST_CASE("without a layout each interface has the first number of Bandwidth, as in v2") {
  const std::string array =
      "ArrayHeight = 12\nArrayWidth = 14\nIfmapSramSzkB = 108\nFilterSramSzkB = 108\n"
      "OfmapSramSzkB = 108";
  const auto user = machine_of(config_text(array, "USER"));
  CHECK(user.memory.bytes_per_cycle == 21);
  CHECK(user.hw.axi_bits == 256);  // the narrowest bus that carries it
  CHECK(user.hw.ub_kib == 216);
  CHECK(user.hw.wb_tiles == 256);  // 658 would fit
  const auto calc = machine_of(config_text(array, "CALC", "MyOwnKey = 3"));
  CHECK(calc.memory.bytes_per_cycle == 64);
  const File file(config_text(array, "CALC", "MyOwnKey = 3"));
  CHECK(scale_sim::read_config(file.path()).text.find("myownkey") != std::string::npos);
  const auto sparse = machine_of(config_text(array, "CALC", "[sparsity]\nSparsitySupport = True"));
  CHECK(sparse.hw.structured == 1);
}

/// The fields of each line of a report behind the header, as numbers.
std::vector<std::vector<double>> numbers(const std::string& text, std::string& header) {
  std::istringstream lines(text);
  std::getline(lines, header);
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');)
      rows.back().push_back(std::stod(field));
  }
  return rows;
}

TEST_CASE("the reports of SCALE-Sim hold the run's own cycles, waits and bytes") {
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const graph::QGraph graph = topology::load_topology(kTopologies / "resnet18_six.csv", 1);
  const program::Program program = lower::compile_back(graph, arch, {});
  platform::DramImage dram = platform::make_image(program);
  platform::RunOptions options;
  options.functional = false;
  const auto engine = engine::make_model_engine(arch);
  const platform::RunResult result = engine::run_in_process(*engine, program, dram, options);
  const report::Report report = report::make_report(program, arch, result, "model", false);
  const auto files = scale_sim::make_reports(program, result, report);
  REQUIRE(files.size() == 3);

  std::string header;
  const auto compute = numbers(files[0].second, header);
  CHECK(files[0].first == "COMPUTE_REPORT.csv");
  CHECK(header ==
        "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, "
        "Mapping Efficiency %, Compute Util %,");
  const auto access = numbers(files[2].second, header);
  CHECK(
      header.starts_with("LayerID, SRAM IFMAP Start Cycle, SRAM IFMAP Stop Cycle, SRAM IFMAP "
                         "Reads, SRAM Filter Start Cycle"));
  CHECK(header.ends_with("DRAM OFMAP Stop Cycle, DRAM OFMAP Writes,"));
  const auto bandwidth = numbers(files[1].second, header);
  CHECK(header ==
        "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, Avg "
        "FILTER DRAM BW, Avg OFMAP DRAM BW,");
  REQUIRE(compute.size() == 6);
  REQUIRE(access.size() == 6);
  REQUIRE(bandwidth.size() == 6);
  double cycles = 0;
  std::array<double, 3> bytes{};
  for (size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    REQUIRE(compute[i].size() == 7);
    REQUIRE(bandwidth[i].size() == 7);
    REQUIRE(access[i].size() == 19);
    cycles += compute[i][2];
    for (size_t k = 0; k < 3; ++k) bytes[k] += access[i][12 + 3 * k];
    CHECK(compute[i][2] + 0.0 >= compute[i][3]);
    CHECK(compute[i][4] == Approx(100 * report.layers[i].mac_utilisation));
    CHECK(compute[i][4] <= compute[i][6]);
    CHECK(compute[i][6] <= 100);
    CHECK(compute[i][5] >= compute[i][4]);  // tiles are filled at least as well as cycles
    CHECK(compute[i][5] <= 100);
    CHECK(access[i][10] < 0);  // loads begin before the products do
    CHECK(bandwidth[i][1] == Approx(access[i][3] / compute[i][2]));
  }
  CHECK(cycles == static_cast<double>(report.cycles));
  CHECK(bytes[0] == static_cast<double>(report.bytes.activations_read));
  CHECK(bytes[1] == static_cast<double>(report.bytes.weights));
  CHECK(bytes[2] == static_cast<double>(report.bytes.activations_written));
  // Conv2_1a: 36 x 4 tiles of 54 x 54 rows, all of them full; sums of 16 columns for each.
  CHECK(compute[0][5] == 100);
  CHECK(access[0][9] == 36.0 * 4 * 54 * 54 * 16);
  CHECK(access[0][3] == 36.0 * 4 * 54 * 54 * 16);
}

TEST_CASE("depthwise layers are SCALE-Sim's layers of one channel if that is asked for") {
  const File file(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides,\nDP1, 8, 8, 3, 3, 6, 1, 1,\nb, 8, 8, 3, 3, 6, 4, 1,\n");
  const auto native = topology::load_topology(file.path(), 1);
  const auto theirs = topology::load_topology(file.path(), 1, {}, topology::Depthwise::kScaleSim);
  CHECK(native.ops.size() == 2);
  REQUIRE(theirs.ops.size() == 7);
  CHECK(theirs.ops[5].name == "DP1Channel_5");
  CHECK(theirs.ops[5].conv().group == 1);
  const auto macs = [](const graph::QGraph& graph) {
    return std::accumulate(graph.ops.begin(), graph.ops.end(), int64_t{0},
                           [](int64_t sum, const graph::QOp& op) { return sum + op.dense_macs; });
  };
  CHECK(macs(theirs) == macs(native));
}

TEST_CASE("a problem of Timeloop is the layer that its topology line is") {
  const graph::QGraph graph =
      topology::load_timeloop_problem(kTopologies / "conv2_problem.yaml", 2);
  REQUIRE(graph.ops.size() == 1);
  const auto& in = graph.tensors[static_cast<size_t>(graph.ops[0].conv().in)];
  CHECK(graph.name == "conv2_problem");
  CHECK(in.n == 2);
  CHECK(in.h == 56);
  CHECK(in.w == 56);
  CHECK(in.c == 64);
  CHECK(graph.ops[0].dense_macs == 2 * 54 * 54 * 64 * 9 * 64);
}

topology::TimeloopProblem problem(const std::string& text) {
  const File file("problem:\n" + text);
  return topology::read_timeloop_problem(file.path());
}

TEST_CASE("strides and dilations of a problem go with P and R across, Q and S down") {
  const auto read = problem(
      "  shape: cnn-layer\n  C: 3\n  K: 8\n  R: 5\n  S: 3\n  P: 10\n  Q: 20\n  N: 4\n"
      "  Wstride: 2\n  Hdilation: 2\n");
  CHECK(read.batch == 4);
  const auto& conv = std::get<topology::ConvLayer>(read.layer);
  CHECK(conv.filters == 8);
  CHECK(conv.window.kernel == std::array<int64_t, 2>{3, 5});
  CHECK(conv.window.stride == std::array<int64_t, 2>{1, 2});
  CHECK(conv.window.dilation == std::array<int64_t, 2>{2, 1});
  CHECK(conv.input.width == 9 * 2 + 5);
  CHECK(conv.input.height == 19 + 2 * 2 + 1);
}

TEST_CASE("a projection says which coefficient is whose") {
  const auto read = problem(
      "  shape:\n    dimensions: [C, R, S, P, Q, N]\n    coefficients: [{name: a, default: 3}]\n"
      "    data-spaces:\n"
      "      - {name: I, projection: [[[N]], [[C]], [[R], [P, a]], [[S], [Q]]]}\n"
      "      - {name: W, projection: [[[C]], [[R]], [[S]]]}\n"
      "      - {name: O, projection: [[[N]], [[C]], [[P]], [[Q]]], read-write: True}\n"
      "  instance:\n    <<: {C: 8, R: 1}\n    R: 3\n    S: 3\n    P: 4\n    Q: 4\n    N: 1\n");
  const auto& conv = std::get<topology::ConvLayer>(read.layer);
  CHECK(conv.groups == 8);  // no M: depthwise
  CHECK(conv.filters == 8);
  CHECK(conv.window.kernel == std::array<int64_t, 2>{3, 3});  // the own key stands above <<
  CHECK(conv.window.stride == std::array<int64_t, 2>{1, 3});
  CHECK(conv.input.width == 3 * 3 + 3);
}

TEST_CASE("M, N and K are a matrix product, with G a convolution is in groups") {
  const auto product =
      problem("  shape: {dimensions: [M, N, K]}\n  instance: {M: 5, N: 6, K: 7}\n");
  const auto& matmul = std::get<topology::MatmulLayer>(product.layer);
  CHECK(product.batch == 1);
  CHECK(matmul.rows == 5);
  CHECK(matmul.columns == 6);
  CHECK(matmul.inner == 7);
  const auto grouped = problem(
      "  shape: {dimensions: [G, C, M, R, S, P, Q]}\n"
      "  instance: {G: 4, C: 2, M: 3, R: 1, S: 1, P: 8, Q: 8}\n");
  const auto& conv = std::get<topology::ConvLayer>(grouped.layer);
  CHECK(conv.groups == 4);
  CHECK(conv.input.channels == 8);
  CHECK(conv.filters == 12);
}

}  // namespace
}  // namespace systole
