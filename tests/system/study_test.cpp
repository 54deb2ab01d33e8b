// SPDX-License-Identifier: Apache-2.0
// A study of LeNet: each row is what a run and the executor give for it alone.
#include "sim/study/study.h"

#include <catch2/catch.hpp>
#include <map>

#include "compiler/pipeline/float_network.h"
#include "compiler/quant/widths.h"
#include "sim/energy/area.h"
#include "sim/energy/energy.h"
#include "sim/report/classify.h"
#include "sim/session/timed_run.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

study::StudyConditions conditions_of(std::vector<std::string> set) {
  study::StudyConditions made;
  made.point.arch = "edge-16x16";
  made.point.set = std::move(set);
  made.point.energy_table = "tpuv4i-7nm";
  made.arch = arch::load_arch(made.point.arch, made.point.set);
  made.table = energy::load_energy_table(made.point.energy_table);
  return made;
}

TEST_CASE("rows of a study of LeNet are the runs and the accuracies of their variants") {
  constexpr size_t kImages = 200;
  const auto net = kData / "lenet_fmnist.onnx";
  const auto shape = pipeline::load_float_network(net).input_shape();
  const data::Dataset calibration = data::load_dataset(kData / "lenet_calib.yaml", shape);
  const data::Dataset data = data::load_dataset(kData / "lenet.yaml", shape, kImages);
  study::StudyConditions conditions = conditions_of({"memory.bytes_per_cycle=2"});
  conditions.point.data = kData / "lenet.yaml";
  conditions.point.data_limit = kImages;
  conditions.point.calib = kData / "lenet_calib.yaml";
  conditions.point.calib_method = "mse";
  conditions.images = kImages;
  conditions.batches = {3, 1};
  const arch::ArchConfig& arch = conditions.arch;
  pipeline::FrontOptions front;
  front.calibration = &calibration;
  front.range_method = "mse";
  front.prune.hw = arch.hw;
  front.narrowest = quant::narrowest_widths(arch.hw);
  const auto variants = study::study_variants(
      {net, false, true, 10}, study::parse_study_precisions({"int8", "W4A4"}),
      study::parse_study_prunings({"none", "block:0.9"}),
      {{kData / "pruned/lenet_fmnist_2to4.onnx", false, true, 10},
       {kData / "lowbit/lenet_fmnist_w2a2.qonnx.onnx", true, false, 10},
       {kData / "quantised/lenet_qdq_u8s8_perchannel.onnx", true, false, 10}});
  REQUIRE(variants.size() == 2 * 2 + 2 + 1 + 1);
  results::Store store("", "test");
  std::vector<size_t> seen;
  study::StudyWatch watch;
  watch.row = [&](const study::Study&, size_t row) { seen.push_back(row); };
  const study::Study study = study::run_study(variants, conditions, store, 2, watch);
  REQUIRE(study.rows.size() == 2 * variants.size());
  CHECK(study.warnings.empty());
  REQUIRE(seen.size() == study.rows.size());
  CHECK(std::is_sorted(seen.begin(), seen.end()));

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
    const session::TimedRun timed = session::run_timed(plan, arch, &conditions.table);
    const program::Program& program = timed.compiled.programs.at(0);
    const study::StudyFigures& figures = row.run.figures;
    CHECK(figures.cycles == timed.run.report.cycles);
    CHECK(figures.dram_bytes == timed.run.report.bytes.total());
    CHECK(figures.gb_per_s == Approx(timed.run.report.bytes_per_cycle));  // 1 GHz
    CHECK(figures.effective_tops == timed.run.report.effective_tops);
    const platform::RunResult& run = timed.run.stages.at(0).result;
    const energy::EnergyReport energy =
        energy::make_energy(program, arch, run, timed.run.report, conditions.table);
    CHECK(figures.energy_per_inference_uj == Approx(energy.per_inference_pj() * 1e-6));
    // An inference's energy is the time it takes times the power.
    CHECK(figures.inferences_per_s_w() == Approx(1e12 / energy.per_inference_pj()));
    CHECK(figures.inferences_per_s_mm2() * figures.area_mm2 == Approx(figures.inferences_per_s));
    // What is stored is what the program puts into DRAM under the name of weights.
    size_t stored = 0;
    for (const program::Segment& segment : program.segments)
      if (segment.name.starts_with("weights ") || segment.name.starts_with("codebook "))
        stored += segment.bytes.size();
    CHECK(figures.weight_bytes == static_cast<int64_t>(stored));
    if (row.batch != 1) continue;
    size_t right = 0;
    report::classify(plan, data, [&](size_t i, const std::vector<float>& output) {
      right += report::is_right(data, i, output);
    });
    const double share = static_cast<double>(right) / kImages;
    CHECK(*row.top1 == Approx(100 * share));
    CHECK(row.top1_error == Approx(100 * std::sqrt(share * (1 - share) / kImages)));
    CHECK(row.unusable == (*row.top1 <= 15));
  }
  const auto row = [&](size_t variant) {
    return study.rows[variants.size() + variant];
  };                                                             // batch 1
  CHECK(row(1).run.figures.cycles < row(0).run.figures.cycles);  // W4A4
  CHECK(row(1).run.figures.weight_bytes < row(0).run.figures.weight_bytes);
  CHECK(row(2).unusable);  // nine of ten blocks gone
  CHECK(!row(2).front);
  CHECK(row(6).run.figures.widths == "w2a2");
  CHECK(row(7).run.figures.widths == "int8");
  CHECK(study::float32_right(variants[0].network, front, data) > kImages * 8 / 10);
}

TEST_CASE(
    "machines of a study have what a row uses, and the first row's area where that is asked") {
  const auto variants = study::study_variants({kData / "resnet8_fmnist.onnx"},
                                              study::parse_study_precisions({"int8", "W4A4"}),
                                              study::parse_study_prunings({"none", "nm:2:4"}), {});
  std::map<study::Hardware, std::vector<study::StudyRow>> rows;
  for (const auto hardware :
       {study::Hardware::kGiven, study::Hardware::kMinimal, study::Hardware::kIsoArea}) {
    study::StudyConditions conditions = conditions_of({"sparsity.structured=1"});
    conditions.hardware = hardware;
    results::Store store("", "test");
    rows[hardware] = study::run_study(variants, conditions, store, 2, {}).rows;
  }
  const auto of = [&](study::Hardware hardware, size_t row) -> const study::StudyFigures& {
    REQUIRE(rows[hardware][row].run.failure == "");
    return rows[hardware][row].run.figures;
  };
  for (size_t row = 0; row < variants.size(); ++row) {
    INFO(row);
    const auto& given = of(study::Hardware::kGiven, row);
    const auto& minimal = of(study::Hardware::kMinimal, row);
    const auto& even = of(study::Hardware::kIsoArea, row);
    CHECK(rows[study::Hardware::kGiven][row].changes.empty());
    // Options that are not used cost area, and nothing else but that words of the buffer have twice
    // the lanes where 2:4 is built.
    if (given.formats.contains("2:4")) CHECK(minimal.cycles == given.cycles);
    CHECK(minimal.formats == given.formats);
    CHECK(minimal.area_mm2 < given.area_mm2);
    CHECK(even.area_mm2 <= of(study::Hardware::kMinimal, 0).area_mm2);
    CHECK(even.area_mm2 > 0.97 * of(study::Hardware::kMinimal, 0).area_mm2);
  }
  CHECK(of(study::Hardware::kIsoArea, 0).area_mm2 == of(study::Hardware::kMinimal, 0).area_mm2);
  CHECK(of(study::Hardware::kMinimal, 0).area_mm2 < of(study::Hardware::kMinimal, 3).area_mm2);
}

TEST_CASE("a break-even is where simulations cross, and ends the sentence") {
  study::StudyConditions conditions = conditions_of({});
  conditions.break_even = study::BreakEvenAxis::kBandwidth;
  const auto variants = study::study_variants({kData / "resnet8_fmnist.onnx"},
                                              study::parse_study_precisions({"int8", "W4A8"}),
                                              study::parse_study_prunings({"none"}), {});
  results::Store store("", "test");
  const auto row = study::run_study(variants, conditions, store, 2, {}).rows.at(1);
  REQUIRE(row.break_even);
  CHECK(row.break_even->where == study::BreakEven::Where::kBelow);
  CHECK_THAT(row.why, Catch::Matchers::Contains("; gains up to "));
  const auto gain = [&](double gb_per_s) {
    const auto at = conditions_of({"memory.gb_per_s=" + std::to_string(gb_per_s)});
    results::Store apart("", "test");
    const auto rows = study::run_study(variants, at, apart, 2, {}).rows;
    return static_cast<double>(rows[0].run.figures.cycles) /
           static_cast<double>(rows[1].run.figures.cycles);
  };
  CHECK(gain(row.break_even->value) >= 1 / (1 - study::kWins));
  CHECK(gain(1.05 * row.break_even->value) < 1 / (1 - study::kWins));
}

}  // namespace
}  // namespace systole
