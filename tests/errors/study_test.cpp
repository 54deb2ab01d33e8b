// SPDX-License-Identifier: Apache-2.0
// The command study: the same with any number of workers, reasons of rows that cannot be run,
// requests that cannot be fulfilled, and Ctrl-C.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/base/error.h"
#include "sim/results/open.h"
#include "tests/errors/command.h"
#include "tests/errors/energy_tables.h"

namespace systole {
namespace {

const std::string kLeNet = test_data_path("lenet_fmnist.onnx");
const std::string kCalibration = test_data_path("lenet_calib.yaml");
const std::string kData = test_data_path("lenet.yaml");

/// 0 where there is no database yet.
int64_t points_in(const std::filesystem::path& database) {
  if (!std::filesystem::exists(database)) return 0;
  try {
    return results::open_results(database, results::Access::kRead)
        .number("SELECT count(*) FROM points");
  } catch (const Error&) {  // it is being made
    return 0;
  }
}

TEST_CASE("a study is the same with any number of workers, and says what run and accuracy say") {
  const Workplace place;
  const std::string beside = test_data_path("pruned/lenet_fmnist_2to4.onnx");
  const auto study = [&](const std::string& jobs, const std::string& directory) {
    return place.run({"study",
                      kLeNet,
                      "--data",
                      kData,
                      "--limit",
                      "100",
                      "--calib",
                      kCalibration,
                      "--calib-method",
                      "mse",
                      "--precisions",
                      "int8,W2A8",
                      "--prunes",
                      "none,codebook:16",
                      "--with",
                      beside,
                      "--batch",
                      "2,1",
                      "-j",
                      jobs,
                      "-o",
                      directory});
  };
  const CommandResult one = study("1", "one"), three = study("3", "three");
  CHECK(without_clock_warning(one.err) == "");
  REQUIRE(one.exit_code == 0);
  CHECK(three.out == one.out);
  CHECK(read_file(place.path() / "one/study.json") == read_file(place.path() / "three/study.json"));
  CHECK(read_file(place.path() / "one/study.csv") == read_file(place.path() / "three/study.csv"));

  const auto json = nlohmann::json::parse(read_file(place.path() / "one/study.json"));
  REQUIRE(json["rows"].size() == 2 * (2 * 2 + 2));
  const auto& row = json["rows"][6 + 1];  // batch 1
  CHECK(row["batch"] == 1);
  CHECK(row["precision"] == "W2A8");
  const std::vector<std::string> same = {kLeNet, "--calib",   kCalibration, "--calib-method",
                                         "mse",  "--weights", "2"};
  std::vector<std::string> run = {"run", "--energy", "--json", "-"},
                           accuracy = {"accuracy", "--data", kData, "--limit", "100"};
  run.insert(run.end(), same.begin(), same.end());
  accuracy.insert(accuracy.end(), same.begin(), same.end());
  const auto result = nlohmann::json::parse(place.run(run).out);
  CHECK(row["cycles"] == result["totals"]["cycles"]);
  CHECK(row["dram_bytes"] == result["totals"]["dram_bytes"]["total"]);
  CHECK(row["mac_utilisation"] == result["totals"]["mac_utilisation"]);
  CHECK(row["mxu_busy"] == result["totals"]["mxu_busy"]);
  CHECK(row["bound_by"] == result["totals"]["lower_bound_cycles"]["largest"]);
  CHECK(result["totals"]["unit_cycles"]["mxu"].contains(row["largest_stall"].get<std::string>()));
  CHECK(row["not_gained"].get<std::string>().find("zeros: ") != std::string::npos);
  CHECK(row["energy_per_inference_uj"].get<double>() ==
        result["energy"]["per_inference_pj"].get<double>() * 1e-6);
  CHECK(place.run(accuracy).out.find("w2a8      top-1 " + std::to_string(row["top1"].get<int>()) +
                                     ".00 %") != std::string::npos);
}

TEST_CASE("a row that cannot be run says why, and the others are run") {
  const Workplace place;
  const CommandResult result =
      place.run({"study", kLeNet, "--precisions", "int8,W4A4", "--prunes", "none,nm:2:4@/conv1/*",
                 "--calib", kCalibration, "--set", "precision.activation_bits=8", "--json", "-"});
  CHECK(result.exit_code == 0);
  CHECK(without_clock_warning(result.err) == "");
  const auto rows = nlohmann::json::parse(result.out)["rows"];
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["status"] == "finished");
  CHECK(rows[1]["status"] == "failed");
  CHECK(rows[1]["reason"].get<std::string>().find("4-bit") != std::string::npos);
  for (const size_t pruned : {2, 3})
    CHECK(rows[pruned]["reason"].get<std::string>().find("--prune nm:2:4@/conv1/*: ") !=
          std::string::npos);
  CHECK(!rows[0].contains("reason"));

  const CommandResult none =
      place.run({"study", kLeNet, "--precisions", "int8", "--prunes", "block:0.5@nothing"});
  CHECK(none.exit_code == 2);
  CHECK(without_clock_warning(none.err).starts_with("systole: none of the 1 rows could be run: "));
}

TEST_CASE("what study cannot do is one line") {
  const Workplace place;
  const auto check = [&](const std::vector<std::string>& more, const std::string& message) {
    std::vector<std::string> arguments = {"study", kLeNet, "-o", "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    check_refused(place, arguments, 2, message);
  };
  check({"--precisions", "int8,W3A8"},
        "--precisions W3A8: expected int8, W4A8 and the like with 8, 4, 2 or 1 bits, or a policy "
        "file (.yaml)");
  check({"--precisions", "int8,int8"}, "--precisions int8: is given twice");
  check({"--precisions", "none.yaml"}, "none.yaml: no such file");
  check({"--prunes", "none,nm:2:3"}, "--prune nm:2:3: expected nm:2:4, nm:1:4 or nm:1:2");
  check({"--hardware", "least"},
        "--hardware: least not in {given,minimal,iso-area} (see systole study --help)");
  check({"--break-even", "price"},
        "--break-even: price not in {bandwidth,batch,area} (see systole study --help)");
  check(
      {"--break-even", "bandwidth", "--memory", "ddr4-2400"},
      "--break-even bandwidth: the memory ddr4-2400 has a bandwidth of its own, expected an ideal "
      "one (--memory ideal)");
  check({"--prunes", "none,none"}, "--prunes none: is given twice");
  check({"--batch", "1,0"}, "--batch: Value 0 not in range 1 to 4096 (see systole study --help)");
  check({"--batch", "1,8,1"}, "--batch 1: is given twice");
  check({"--with", "none.onnx"}, "none.onnx: cannot open the network");
  check({"--with", kLeNet}, kLeNet + ": is given twice");
  check({"--with", "net.sysb"}, "net.sysb: expected an ONNX file");
  const std::string other = test_data_path("resnet8_fmnist.onnx");
  check({"--data", kData, "--with", other},
        "--with " + other + ": takes [1, 3, 32, 32], expected [1, 1, 28, 28] as " + kLeNet);
  check({"--data", "none.yaml"}, "none.yaml: cannot open the data set");
  check({"--energy", "none"}, unknown_energy_table("none"));
  check({"--arch", "none", "--json", "nowhere/x.json"},
        "nowhere/x.json: cannot be written: there is no directory nowhere");
  check_refused(place, {"study", kLeNet, "-o", "nowhere/out"}, 2,
                "nowhere/out: cannot be written: there is no directory nowhere");
  place.write("images.npy", test_data("fmnist_calib_images_u8.npy"));
  place.write("bare.yaml", "images: images.npy\nscale: 1/255\n");
  check({"--data", "bare.yaml"}, "bare.yaml: labels: missing, a study needs one for each image");
}

TEST_CASE("a study that was stopped goes on where it was, and ends as one that was not") {
  const Workplace place;
  place.write("net.onnx", test_data("resnet8_fmnist.onnx"));
  const std::vector<std::string> whole = {
      "study",   "net.onnx", "--precisions", "int8,W4A8,W4A4", "--prunes", "none,block:0.5",
      "--batch", "4,6",      "--arch",       "edge-4x4",       "-j",       "1"};
  std::vector<std::string> stopped = whole, apart = whole;
  stopped.insert(stopped.end(), {"-o", "out"});
  apart.insert(apart.end(), {"-o", "apart"});
  const auto points = [&] { return points_in(place.path() / "out/results.db"); };
  const CommandResult first = place.interrupt(stopped, [&] { return points() >= 2; });
  CHECK(first.exit_code == 130);
  CHECK_THAT(first.err, Catch::Matches("systole: interrupted; reached study: [0-9]+ of 12 points; "
                                       "the same command goes on from there\n"));
  // The rows that were there had been told.
  CHECK_THAT(first.out, Catch::Contains("\nbatch 4\n"));
  CHECK_THAT(first.out, Catch::Contains("\n  0  int8 "));
  CHECK(!std::filesystem::exists(place.path() / "out/study.json"));
  const int64_t before = points();
  CHECK(before >= 2);
  CHECK(before < 12);
  const CommandResult second = place.run(stopped);
  CHECK(second.exit_code == 0);
  const CommandResult at_once = place.run(apart);
  CHECK(second.out == at_once.out);
  CHECK(read_file(place.path() / "out/study.json") == read_file(place.path() / "apart/study.json"));
  CHECK(place
            .shell("sqlite3 out/results.db 'SELECT count(*), sum(attempts) <= 13 FROM "
                   "execution'")
            .out == "12|1\n");  // but for the one that was running, each ran once
}

TEST_CASE("a break-even and a machine of the same area are the same with any number of workers") {
  const Workplace place;
  std::vector<std::string> one = {"study",        kLeNet,     "--precisions", "int8,W4A8",
                                  "--prunes",     "none",     "--hardware",   "iso-area",
                                  "--break-even", "bandwidth"};
  std::vector<std::string> three = one;
  one.insert(one.end(), {"-j", "1"});
  three.insert(three.end(), {"-j", "3"});
  const CommandResult first = place.run(one), second = place.run(three);
  CHECK(first.exit_code == 0);
  CHECK(second.out == first.out);
  CHECK_THAT(first.out, Catch::Contains("\nbreak-even bandwidth: where a row has 1 % more "
                                        "inferences/s than the first one at the same bandwidth\n"));
  CHECK_THAT(first.out, Catch::Contains("  1  W4A8       none    gains up to "));
  CHECK_THAT(first.out, Catch::Contains("\n     on ub.kib="));
}

TEST_CASE("a policy is a precision of a study, told apart by its content") {
  const Workplace place;
  place.write("p.yaml", "weights: 4\n");
  const std::vector<std::string> command = {"study",    kLeNet, "--precisions", "int8,p.yaml,W4A8",
                                            "--prunes", "none", "-o",           "out",
                                            "--json",   "-"};
  const auto rows = nlohmann::json::parse(place.run(command).out)["rows"];
  REQUIRE(rows.size() == 3);
  CHECK(rows[1]["precision"] == "p.yaml");
  CHECK(rows[1]["weight_bytes"] == rows[2]["weight_bytes"]);
  CHECK(rows[1]["weight_bytes"] < rows[0]["weight_bytes"]);
  place.write("p.yaml", "weights: 2\n");
  const auto again = nlohmann::json::parse(place.run(command).out)["rows"];
  CHECK(again[1]["weight_bytes"] < rows[1]["weight_bytes"]);
  CHECK(place
            .shell("sqlite3 out/results.db \"SELECT count(*), count(DISTINCT precision) FROM "
                   "points WHERE precision LIKE 'p.yaml %'\"")
            .out == "2|2\n");
  // The policy is not in the database: these points are not verified, nor mistaken for others.
  const CommandResult verified = place.run({"verify", "out/results.db"});
  CHECK(verified.exit_code == 0);
  CHECK(place.shell("sqlite3 out/results.db 'SELECT count(*) FROM checks'").out == "2\n");
}

TEST_CASE("an interrupted study without a directory says how far it was and leaves no file") {
  const Workplace place;
  place.write("net.onnx", test_data("resnet8_fmnist.onnx"));
  int polls = 0;
  const CommandResult result = place.interrupt(
      {"study", "net.onnx", "--arch", "edge-4x4", "--batch", "100,200,300", "-j", "2"},
      [&] { return ++polls > 100; });
  CHECK(result.exit_code == 130);
  CHECK_THAT(result.err, Catch::Matches("systole: interrupted; reached study: [0-9]+ of 90 "
                                        "points\n"));
  CHECK(place.left_behind().empty());
}

}  // namespace
}  // namespace systole
