// SPDX-License-Identifier: Apache-2.0
// A study of LeNet: each row is what a run and the executor give for it alone.
#include "sim/study/study.h"

#include <catch2/catch.hpp>

#include "compiler/pipeline/float_network.h"
#include "compiler/quant/widths.h"
#include "sim/energy/energy.h"
#include "sim/report/classify.h"
#include "sim/session/timed_run.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

TEST_CASE("rows of a study of LeNet are the runs and the accuracies of their variants") {
  constexpr size_t kImages = 200;
  const auto net = kData / "lenet_fmnist.onnx";
  const auto shape = pipeline::load_float_network(net).input_shape();
  const data::Dataset calibration = data::load_dataset(kData / "lenet_calib.yaml", shape, 64);
  const data::Dataset data = data::load_dataset(kData / "lenet.yaml", shape, kImages);
  const arch::ArchConfig arch = arch::load_arch("edge-16x16", {"memory.bytes_per_cycle=2"});
  const energy::EnergyTable table = energy::load_energy_table("tpuv4i-7nm");
  pipeline::FrontOptions front;
  front.calibration = &calibration;
  front.range_method = "mse";
  front.prune.hw = arch.hw;
  front.narrowest = quant::narrowest_widths(arch.hw);
  const study::StudyConditions conditions{arch, table, front, &data, {3, 1}};
  const auto variants =
      study::study_variants({net}, study::parse_study_precisions({"int8", "W4A4"}),
                            study::parse_study_prunings({"none", "block:0.9"}),
                            {{kData / "pruned/lenet_fmnist_2to4.onnx"},
                             {kData / "lowbit/lenet_fmnist_w2a2.qonnx.onnx", true, false},
                             {kData / "quantised/lenet_qdq_u8s8_perchannel.onnx", true, false}});
  REQUIRE(variants.size() == 2 * 2 + 2 + 1 + 1);
  const study::Study study = study::run_study(variants, conditions, 2, [] {});
  REQUIRE(study.rows.size() == 2 * variants.size());
  CHECK(study.warnings.empty());

  for (const study::StudyRow& row : study.rows) {
    const study::StudyVariant& variant = variants[row.variant];
    INFO(variant.network.file << " " << variant.precision.name << " " << variant.pruning.name);
    REQUIRE(row.run.failure == "");
    CHECK(row.chance == 10);
    pipeline::FrontOptions alone = front;
    if (!variant.network.calibrated) alone.calibration = nullptr;
    alone.prune.specs = variant.pruning.specs;
    alone.precision = variant.precision.policy;
    alone.batch = row.batch;
    const pipeline::NetworkPlan plan = pipeline::compile_front(variant.network.file, alone);
    const session::TimedRun timed = session::run_timed(plan, arch, &table);
    const program::Program& program = timed.compiled.programs.at(0);
    CHECK(row.run.figures.cycles == timed.run.report.cycles);
    CHECK(row.run.figures.dram_bytes == timed.run.report.bytes.total());
    CHECK(row.run.figures.gb_per_s == Approx(timed.run.report.bytes_per_cycle));  // 1 GHz
    CHECK(row.run.figures.effective_tops == timed.run.report.effective_tops);
    const platform::RunResult& run = timed.run.stages.at(0).result;
    CHECK(
        row.run.figures.energy_per_inference_uj ==
        Approx(energy::make_energy(program, arch, run, timed.run.report, table).per_inference_pj() *
               1e-6));
    // What is stored is what the program puts into DRAM under the name of weights.
    size_t stored = 0;
    for (const program::Segment& segment : program.segments)
      if (segment.name.starts_with("weights ") || segment.name.starts_with("codebook "))
        stored += segment.bytes.size();
    CHECK(row.run.figures.weight_bytes == static_cast<int64_t>(stored));
    if (row.batch != 1) continue;
    size_t right = 0;
    report::classify(plan, data, [&](size_t i, const std::vector<float>& output) {
      right += report::is_right(data, i, output);
    });
    CHECK(*row.top1 == Approx(100.0 * static_cast<double>(right) / kImages));
    CHECK(row.unusable == (*row.top1 <= 15));
  }
  const auto row = [&](size_t variant) {
    return study.rows[variants.size() + variant];
  };                                                             // batch 1
  CHECK(row(1).run.figures.cycles < row(0).run.figures.cycles);  // W4A4
  CHECK(row(1).run.figures.weight_bytes < row(0).run.figures.weight_bytes);
  CHECK(row(2).unusable);  // nine of ten blocks gone
  CHECK(!row(2).front);
  CHECK(row(6).widths == "w2a2");
  CHECK(row(7).widths == "int8");
  CHECK(*study.float32_right > kImages * 8 / 10);
}

}  // namespace
}  // namespace systole
