// SPDX-License-Identifier: Apache-2.0
// Trained networks in several repetitions: both engines equal, every output that of its own image,
// and figures that are those of the log.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/system/sound_run.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

SoundRun run(const std::string& name, int64_t batch, int64_t repeat, const std::string& engine,
             const std::string& memory = "ideal") {
  session::NetworkRequest request;
  request.network = kData / (name + "_fmnist.onnx");
  request.data = kData / (name + ".yaml");
  request.calibration = kData / (name + "_calib.yaml");
  request.batch = batch;
  request.repeat = repeat;
  arch::ArchConfig arch = arch::load_arch("edge-16x16");
  if (memory != "ideal")
    arch = arch::load_arch("edge-16x16", {"memory.kind=ddr", "memory.preset=" + memory});
  return run_soundly(request, arch, engine);
}

std::vector<float> elements(const SoundRun& ran) { return ran.run.elements(ran.compiled.plan, 0); }

}  // namespace

TEST_CASE("repetitions are equal on both engines, and give what one batch of all images gives") {
  for (const char* name : {"lenet", "mlp", "resnet8"}) {
    INFO(name);
    const SoundRun repeated = run(name, 2, 3, "both");
    CHECK(repeated.run.outputs.size() == 6);
    CHECK(elements(repeated) == elements(run(name, 6, 1, "model")));
  }
  run("lenet", 1, 4, "both", "ddr4-2400");
}

TEST_CASE("first and steady latency are those of the stores in the log") {
  const SoundRun ran = run("lenet", 1, 4, "model");
  const program::Program& program = ran.compiled.programs[0];
  std::vector<Cycle> ends;  // of the last store of each repetition
  for (const core::RetireEvent& event : ran.run.stages.back().result.retired) {
    const bool output =
        event.unit == isa::Unit::kSto &&
        isa::Store::decode(program.code[event.pc]).dram_addr >= program.outputs[0].addr;
    if (output) ends.push_back(event.end);
  }
  std::sort(ends.begin(), ends.end());
  REQUIRE(ends.size() == 4);  // ten logits are one store
  const report::Report& report = ran.run.report;
  CHECK(report.batch == 1);
  CHECK(report.repeat == 4);
  REQUIRE(report.steady);
  // A second has 1e9 cycles. The later half of four ends are two distances: from the second.
  CHECK(report.steady->first_latency_ms == static_cast<double>(ends[0]) / 1e9 * 1e3);
  const double steady = static_cast<double>(ends[3] - ends[1]) / 2;
  CHECK(report.steady->steady_latency_ms == steady / 1e9 * 1e3);
  CHECK(report.steady->inferences_per_s == 1e9 / steady);
  CHECK(report.inferences_per_s == 4 / (static_cast<double>(report.cycles) / 1e9));
  CHECK(!run("lenet", 1, 1, "model").run.report.steady);
}

TEST_CASE("a repetition takes less than a run of its own") {
  const SoundRun once = run("resnet8", 1, 1, "model"), four = run("resnet8", 1, 4, "model");
  CHECK(four.run.report.cycles < 4 * once.run.report.cycles);
  CHECK(four.run.report.steady->steady_latency_ms < once.run.report.latency_ms);
  CHECK(four.run.report.useful_macs == 4 * once.run.report.useful_macs);
  CHECK(four.run.report.layers.size() == once.run.report.layers.size());
  Cycle sum = 0;
  for (const report::LayerReport& layer : four.run.report.layers) sum += layer.cycles;
  CHECK(sum == four.run.report.cycles);
}

}  // namespace systole
