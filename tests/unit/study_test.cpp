// SPDX-License-Identifier: Apache-2.0
// The rows of a study: what is listed, what is told, which are usable and which are in front.
#include "sim/study/study.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "model/base/error.h"
#include "sim/study/report.h"
#include "tests/unit/json_schema.h"

namespace systole {
namespace {

std::string message(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("precisions of a study are widths by name, in any case") {
  const auto precisions = study::parse_study_precisions({"int8", "w4a8", "W2A2"});
  REQUIRE(precisions.size() == 3);
  CHECK(precisions[0].name == "int8");
  CHECK(precisions[0].policy.widths == quant::LayerWidths{8, 8});
  CHECK(precisions[1].name == "W4A8");
  CHECK(precisions[1].policy.widths == quant::LayerWidths{4, 8});
  CHECK(precisions[2].policy.widths == quant::LayerWidths{2, 2});
  for (const char* wrong : {"int4", "W3A8", "W4A", "W4A88", "4", ""})
    CHECK(
        message([&] { study::parse_study_precisions({wrong}); }) ==
        std::string("--precisions ") + wrong +
            ": expected int8, W4A8 and the like with 8, 4, 2 or 1 bits, or a policy file (.yaml)");
  CHECK(message([] {
          study::parse_study_precisions({"W4A8", "w4a8"});
        }) == "--precisions W4A8: is given twice");
}

TEST_CASE("prunings of a study are none, a request, or several joined by a plus") {
  const auto prunings = study::parse_study_prunings({"none", "nm:2:4", "channel:0.5+codebook:16"});
  REQUIRE(prunings.size() == 3);
  CHECK(prunings[0].specs.empty());
  CHECK(prunings[1].specs.size() == 1);
  REQUIRE(prunings[2].specs.size() == 2);
  CHECK(prunings[2].specs[0].kind == prune::PruneKind::kChannel);
  CHECK(prunings[2].specs[1].kind == prune::PruneKind::kCodebook);
  CHECK(message([] {
          study::parse_study_prunings({"nm:2:4", "nm:2:4"});
        }) == "--prunes nm:2:4: is given twice");
  CHECK(message([] {
          study::parse_study_prunings({"nm:2:4+"});
        }).starts_with("--prune : unknown kind"));
}

TEST_CASE(
    "a study has each pruning at each precision, then the networks beside at each precision") {
  const auto precisions = study::parse_study_precisions({"int8", "W4A8"});
  const auto prunings = study::parse_study_prunings({"none", "block:0.5"});
  const auto variants = study::study_variants({"net.onnx"}, precisions, prunings,
                                              {{"sparse.onnx"}, {"low.onnx", true, true}});
  std::vector<std::string> names;
  for (const study::StudyVariant& v : variants)
    names.push_back(v.network.file.string() + " " + v.precision.name + " " + v.pruning.name);
  CHECK(names == std::vector<std::string>{"net.onnx int8 none", "net.onnx W4A8 none",
                                          "net.onnx int8 block:0.5", "net.onnx W4A8 block:0.5",
                                          "sparse.onnx int8 none", "sparse.onnx W4A8 none",
                                          "low.onnx own none"});
}

/// A row of batch 1 with 10 classes; no top-1 below 0.
study::StudyRow row(uint64_t cycles, double energy, double top1, int64_t batch = 1) {
  study::StudyRow row;
  row.batch = batch;
  row.run.figures.cycles = cycles;
  row.run.figures.energy_per_inference_uj = energy;
  row.chance = 10;
  if (top1 >= 0) row.top1 = top1;
  return row;
}

std::vector<bool> fronts(std::vector<study::StudyRow> rows) {
  study::judge(rows);
  std::vector<bool> result;
  for (const study::StudyRow& r : rows) result.push_back(r.front);
  return result;
}

TEST_CASE("a row is in front unless another of its batch is as good in all and better in one") {
  using Fronts = std::vector<bool>;
  CHECK(fronts({row(100, 5, 90), row(50, 5, 89)}) == Fronts{true, true});
  CHECK(fronts({row(100, 5, 90), row(100, 5, 89)}) == Fronts{true, false});
  CHECK(fronts({row(100, 5, 90), row(100, 6, 90)}) == Fronts{true, false});
  CHECK(fronts({row(101, 5, 90), row(100, 5, 90)}) == Fronts{false, true});
  CHECK(fronts({row(100, 5, 90), row(100, 5, 90)}) == Fronts{true, true});     // equal in all
  CHECK(fronts({row(100, 5, 90), row(200, 9, 80, 8)}) == Fronts{true, true});  // two batches
  CHECK(fronts({row(100, 5, -1), row(200, 6, -1)}) == Fronts{false, false});   // no accuracy
}

TEST_CASE("a row within five points of chance is unusable and leaves the front") {
  std::vector<study::StudyRow> rows = {row(10, 1, 15.0), row(100, 5, 15.1), row(5, 1, 3)};
  study::judge(rows);
  CHECK(rows[0].unusable);  // 10 + 5
  CHECK(!rows[1].unusable);
  CHECK(rows[2].unusable);  // worse than guessing
  CHECK(!rows[0].front);
  CHECK(rows[1].front);
  CHECK(!rows[2].front);
  rows[1].chance = 50;
  study::judge(rows);
  CHECK(rows[1].unusable);
}

/// Two variants at two batches, one of which failed, and a third with its own integers.
study::Study sample() {
  study::Study study;
  study.variants =
      study::study_variants({"a/net.onnx"}, study::parse_study_precisions({"int8", "W4A8"}),
                            study::parse_study_prunings({"nm:2:4"}), {{"b/low,bits.onnx", true}});
  study::StudyFigures figures;
  figures.cycles = 1000;
  figures.latency_ms = 0.001;
  figures.inferences_per_s = 1e6;
  figures.dram_bytes = 2048;
  figures.energy_per_inference_uj = 12.5;
  figures.average_power_mw = 4000;
  figures.area_mm2 = 8;
  figures.weight_bytes = 4096;
  figures.formats = {{"dense", 2}, {"codebook", 1}};
  for (const int64_t batch : {1, 8}) {
    for (size_t v = 0; v < study.variants.size(); ++v) {
      study::StudyRow r;
      r.variant = v;
      r.batch = batch;
      r.chance = 10;
      if (v == 1 && batch == 8) {
        r.run.failure = "layer 'x': does not fit";
      } else {
        r.run.figures = figures;
        r.run.figures.widths = v == 2 ? "w2a2" : "int8";
        r.run.figures.cycles -= 100 * v;
        r.top1 = 90.25 - 40.0 * static_cast<double>(v);
        r.top1_error = 1.5;
        r.why = "saves nothing";
      }
      study.rows.push_back(r);
    }
  }
  study.rows[1].changes = {"precision.weight_bits=4", "ub.kib=252"};
  study.rows[1].break_even = study::BreakEven{study::BreakEven::Where::kBelow, 3.125, ""};
  study.rows[2].break_even = study::BreakEven{{}, 0, "does not fit"};
  study::judge(study.rows);
  study.float32_right = 3;
  study.warnings = {{"mind the gap", 2}};
  return study;
}

study::StudyConditions conditions(size_t images) {
  study::StudyConditions made;
  made.arch = arch::load_arch("edge-16x16");
  made.table = energy::load_energy_table(energy::kDefaultEnergyTable);
  made.images = images;
  made.batches = {1, 8};
  return made;
}

std::string text_of(const study::Study& study, const study::StudyConditions& conditions) {
  const study::StudyText text(study.variants, conditions);
  std::string all = text.head();
  for (size_t i = 0; i < study.rows.size(); ++i) all += text.row(study, i);
  return all + text.foot(study);
}

TEST_CASE("a study is told as JSON by its schema, as CSV and as text") {
  study::StudyConditions made = conditions(4);
  made.break_even = study::BreakEvenAxis::kBandwidth;
  const study::Study study = sample();

  const auto json = study::study_json(study, made);
  std::ifstream schema(SYSTOLE_SOURCE_DIR "/docs/study.schema.json");
  CHECK(schema_violation(nlohmann::json::parse(json.dump()), nlohmann::json::parse(schema)) == "");
  REQUIRE(json["rows"].size() == 6);
  CHECK(json["float32_top1"] == 75.0);
  CHECK(json["break_even"] ==
        nlohmann::ordered_json{{"axis", "bandwidth"}, {"low", 0.25}, {"high", 64.0}});
  CHECK(json["clock"]["source"] == "given");
  CHECK(json["rows"][0]["front"] == true);
  CHECK(json["rows"][0]["formats"] == nlohmann::ordered_json{{"codebook", 1}, {"dense", 2}});
  CHECK(json["rows"][0]["inferences_per_s_mm2"] == 1e6 / 8);
  CHECK(json["rows"][0]["inferences_per_s_w"] == 1e6 / 4);
  CHECK(json["rows"][1]["machine"] == "precision.weight_bits=4 ub.kib=252");
  CHECK(json["rows"][1]["break_even"] ==
        nlohmann::ordered_json{{"gains", "below"}, {"value", 3.125}});
  CHECK(json["rows"][2]["break_even"] == nlohmann::ordered_json{{"failure", "does not fit"}});
  CHECK(json["rows"][2]["unusable"] == true);  // 10.25 of 10
  CHECK(json["rows"][2]["precision"] == "own");
  CHECK(json["rows"][4]["status"] == "failed");
  CHECK(json["rows"][4]["reason"] == "layer 'x': does not fit");
  CHECK(!json["rows"][4].contains("top1"));

  std::istringstream csv(study::study_csv(study));
  std::string header, line;
  std::getline(csv, header);
  CHECK(header.starts_with("row,network,precision,pruning,batch,machine,status,widths,cycles,"));
  std::vector<std::string> lines;
  while (std::getline(csv, line)) lines.push_back(line);
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].starts_with(
      "0,net,int8,nm:2:4,1,,finished,int8,1000,0.001,1000000.0,125000.0,250000.0,2048,"));
  CHECK(lines[0].ends_with(",12.5,4000.0,8.0,,,,4096,90.25,1.5,false,true,saves nothing,"));
  CHECK(lines[2].starts_with("2,\"low,bits\",own,none,1,"));
  CHECK(lines[4] ==
        "4,net,W4A8,nm:2:4,8,,failed," + std::string(25, ',') + "layer 'x': does not fit");

  const std::string text = text_of(study, made);
  CHECK(text.starts_with("net: top-1 of 4 images, with its standard error; "));
  CHECK(text.find("\nbatch 1\n") != std::string::npos);
  CHECK(text.find("\nbatch 8\n") != std::string::npos);
  CHECK(text.find("own w2a2   low,bits") != std::string::npos);
  CHECK(text.find(" 10.25 +- 1.50 %  unusable\n") != std::string::npos);
  CHECK(text.find("\n     on precision.weight_bits=4 ub.kib=252\n     saves nothing\n") !=
        std::string::npos);
  CHECK(text.find("  4  W4A8       nm:2:4    cannot run: layer 'x': does not fit\n") !=
        std::string::npos);
  CHECK(text.find("  1  W4A8       nm:2:4   batch 1: gains up to 3.12 GB/s\n") !=
        std::string::npos);
  CHECK(text.find("\nbatch 1: rows 0, 1\nbatch 8: rows 3\nfloat32 top-1 75.00 %\n") !=
        std::string::npos);
}

TEST_CASE("a study without data has no accuracy and says so") {
  const study::StudyConditions made = conditions(0);
  study::Study study = sample();
  study.float32_right.reset();
  for (study::StudyRow& r : study.rows) r.top1.reset();
  study::judge(study.rows);
  const auto json = study::study_json(study, made);
  std::ifstream schema(SYSTOLE_SOURCE_DIR "/docs/study.schema.json");
  CHECK(schema_violation(nlohmann::json::parse(json.dump()), nlohmann::json::parse(schema)) == "");
  CHECK(json["timing_only"] == true);
  CHECK(!json["rows"][0].contains("top1"));
  CHECK(!json["rows"][0].contains("front"));
  const std::string text = text_of(study, made);
  CHECK(text.starts_with("net: synthetic weights/timing only: "));
  CHECK(text.find("top-1") == std::string::npos);
  CHECK(study::study_csv(study).find(",4096,,,,,saves nothing,\n") != std::string::npos);
}

}  // namespace
}  // namespace systole
