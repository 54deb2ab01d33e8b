// SPDX-License-Identifier: Apache-2.0
// The speed that the compiler has to reach: how busy ResNet-8 keeps the matrix unit.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "model/golden/legality.h"
#include "sim/engine/engine.h"
#include "tests/compile.h"

namespace systole {

TEST_CASE("every 3x3 layer of ResNet-8 with 16 input channels keeps a 16x16 array 85 % useful") {
  const arch::ArchConfig arch;  // 16x16, 256 KiB, ideal memory of 64 B/cycle and 20 cycles
  const graph::QGraph graph =
      compile_graph(SYSTOLE_SOURCE_DIR "/tests/data/resnet8_fmnist.onnx", {});
  std::string dump;
  const program::Program program = lower::compile_back(graph, arch, {.ir_dump = &dump});
  const golden::LegalityReport report = golden::check_legality(program);
  INFO(report.violation);
  REQUIRE(report.legal());

  platform::DramImage dram = platform::make_image(program);
  const platform::RunResult run = engine::make_model_engine(arch)->run(program, dram, {});
  REQUIRE(run.status == platform::RunStatus::kFinished);
  std::map<uint16_t, Cycle> last;
  for (const core::RetireEvent& event : run.retired)
    last[event.tag] = std::max(last[event.tag], event.end);

  Cycle before = 0;
  int checked = 0;
  for (const program::LayerInfo& layer : program.layers) {
    const Cycle cycles = last[layer.tag] - before;
    before = last[layer.tag];
    // 3x3 and 16 input channels or more: at least 144 products for each output value.
    if (layer.op.find("3x3") == std::string::npos || layer.useful_macs / layer.output_bytes < 144)
      continue;
    INFO(layer.name << ": " << cycles << " cycles");
    CHECK(static_cast<double>(layer.useful_macs) / (static_cast<double>(cycles) * 256) >= 0.85);
    ++checked;
  }
  CHECK(checked == 6);
  // The layers' bounds add up to 49,472; what is above them is the first layer's nine of sixteen
  // lanes (3,072 rows for a bound of 2,048), and start and end of the run.
  CHECK(run.cycles < 52000);
  // What the compiler tells of the program is what a run takes.
  CHECK_THAT(dump, Catch::Contains(fmt::format("\n{} cycles in all\n", run.cycles)));
}

}  // namespace systole
