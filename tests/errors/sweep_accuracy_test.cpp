// SPDX-License-Identifier: Apache-2.0
// Accuracy of the points of a sweep: what `data` and `calib` give, and what is wrong with them.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/results/sqlite.h"
#include "tests/errors/command.h"
#include "tests/errors/json_rows.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx"), kData = test_data_path("lenet.yaml"),
                  kCalib = test_data_path("lenet_calib.yaml");

std::string spec_of(const std::string& more) {
  return fmt::format("networks: [{}]\narchitectures: [edge-16x16]\n{}", kNet, more);
}

const std::string kBoth = fmt::format("data: {}\ncalib: {}\n", kData, kCalib);

std::vector<nlohmann::json> rows_of(const Workplace& place, const std::string& spec) {
  place.write("s.yaml", spec);
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "r.db", "--json"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  return json_rows(result.out);
}

/// How many of the 1,000 images `systole accuracy` says are right at `weights` bits.
int right_at(const Workplace& place, int weights) {
  const std::string out = place
                              .run({"accuracy", kNet, "--data", kData, "--calib", kCalib,
                                    "--weights", std::to_string(weights)})
                              .out;
  const size_t line = out.rfind('\n', out.rfind("top-1"));
  return std::stoi(out.substr(out.find('(', line) + 1));
}

std::string reason_of(const Workplace& place, const std::string& spec) {
  place.write("s.yaml", spec);
  const CommandResult result = place.run({"sweep", "s.yaml", "--json"});
  CHECK(result.exit_code == 2);
  return json_rows(result.out).at(0).at("reason").get<std::string>();
}

std::string error_of(const Workplace& place, const std::string& spec) {
  place.write("s.yaml", spec);
  const CommandResult result = place.run({"sweep", "s.yaml"});
  CHECK(result.exit_code == 2);
  CHECK(result.out == "");
  return result.err;
}

}  // namespace

TEST_CASE("top-1 of a point is that of systole accuracy, with its standard error") {
  const Workplace place;
  const auto rows = rows_of(place, spec_of("weights: [8, 2]\nbatch: [1, 4]\n" + kBoth));
  REQUIRE(rows.size() == 4);
  for (const auto& row : rows) {
    const int right = right_at(place, row["weights"]);
    const double share = right / 1000.0;
    CHECK(row["images"] == 1000);
    CHECK(row["top1"].get<double>() == 100 * share);
    CHECK(row["top1_error"].get<double>() == 100 * std::sqrt(share * (1 - share) / 1000));
  }
  CHECK(rows[0]["top1"] > rows[2]["top1"]);
}

TEST_CASE("workers that take point after point know accuracies that a database had") {
  const Workplace place;
  const auto before = rows_of(place, spec_of("weights: [8, 4, 2]\nset: {ub.kib: [256]}\n" + kBoth));
  place.write("s.yaml", spec_of("weights: [8, 4, 2]\nset: {ub.kib: [128, 64]}\n" + kBoth));
  const CommandResult result =
      place.run({"sweep", "s.yaml", "-o", "r.db", "--json", "-j", "1"});  // one worker for all
  CHECK(result.exit_code == 0);
  const auto rows = json_rows(result.out);
  REQUIRE(rows.size() == 6);
  for (size_t i = 0; i < rows.size(); ++i) CHECK(rows[i]["top1"] == before.at(i / 2)["top1"]);
}

TEST_CASE("points that differ in hardware alone share what was classified, later sweeps too") {
  const Workplace place;
  rows_of(place, spec_of(kBoth));
  // If it were classified again, it would be as before.
  results::Connection(place.path() / "r.db", results::Access::kWrite)
      .run("UPDATE points SET top1 = 12.5");
  const auto rows =
      rows_of(place, spec_of(kBoth + "set: {ub.kib: [256, 128], array.rows: [16, 8]}\n"));
  REQUIRE(rows.size() == 4);
  for (const auto& row : rows) CHECK(row["top1"] == 12.5);
  CHECK(rows_of(place, spec_of(kBoth + "weights: [4]\n")).at(0)["top1"] != 12.5);
}

TEST_CASE("cycles do not depend on data, and a network's own data is its own") {
  const Workplace place;
  const auto rows = rows_of(place, fmt::format("networks: [{}, {{file: {}, data: {}, calib: {}}}]\n"
                                               "architectures: [edge-16x16]\n",
                                               kNet, kNet, kData, kCalib));
  REQUIRE(rows.size() == 2);
  CHECK(!rows[0].contains("top1"));
  CHECK(rows[1].contains("top1"));
  CHECK(rows[0].at("data") == "");
  CHECK(rows[1].at("data") == "lenet.yaml");
  CHECK(rows[1].at("calib") == "lenet_calib.yaml");
  CHECK(rows[0]["cycles"] == rows[1]["cycles"]);
}

TEST_CASE("rows have another metric in place of top-1, by name or by a command, and share it") {
  const Workplace place;
  const auto named = rows_of(place, spec_of("metric: perplexity\nweights: [8, 2]\n" + kBoth));
  REQUIRE(named.size() == 2);
  CHECK(named[0]["metric"] > 1);
  CHECK(named[1]["metric"] > named[0]["metric"]);
  CHECK(named[0]["metric_error"] > 0);
  CHECK(named[0]["images"] == 1000);
  CHECK(!named[0].contains("top1"));
  // The command counts how often it is called: once, and without each tenth of the items.
  place.write("count.sh", "echo . >> calls\ngrep -c '^  [0-9]' \"$1\"\n");
  const std::string command = "metric_command: sh " + (place.path() / "count.sh").string() + "\n";
  place.write("s.yaml", spec_of(command + kBoth + "set: {ub.kib: [128, 64]}\n"));
  const CommandResult result = place.run({"sweep", "s.yaml", "-o", "r.db", "--json"});
  CHECK(result.exit_code == 0);
  for (const auto& row : json_rows(result.out)) {
    CHECK(row["metric"] >= 1000);
    CHECK(row["metric_error"] == 0);  // as many are left whichever tenth is out
  }
  CHECK(read_file(place.path() / "calls").size() == 2 * 11);
}

TEST_CASE("a metric of a sweep that is none, or has no data, is refused") {
  const Workplace place;
  CHECK_THAT(
      error_of(place, spec_of("metric: f1\n" + kBoth)),
      Catch::Contains("metric: 'f1', expected one of cosine, exact, mean-error, perplexity"));
  CHECK_THAT(error_of(place, spec_of("metric: [top-1, top-5]\n" + kBoth)),
             Catch::Contains("metric: expected one"));
  CHECK_THAT(error_of(place, spec_of("metric: snr\n")),
             Catch::Contains("metric: given for " + kNet + " without data"));
  CHECK_THAT(error_of(place, spec_of("metric: snr\nmetric_command: 'true'\n" + kBoth)),
             Catch::Contains("metric_command: given beside metric, expected one of them"));
  CHECK_THAT(reason_of(place, spec_of("metric_command: echo\n" + kBoth)),
             Catch::Contains("expected a number"));
}

TEST_CASE("limits may be on accuracy") {
  const Workplace place;
  const auto rows = rows_of(place, spec_of("weights: [8, 2]\nrequire: top1 >= 80\n" + kBoth));
  CHECK(rows.at(0)["failed_limits"].empty());
  CHECK(rows.at(1)["failed_limits"].at(0)["limit"] == "top1 >= 80");
}

TEST_CASE("what cannot be classified is the point's failure") {
  const Workplace place;
  CHECK(reason_of(place, spec_of(fmt::format("data: {}\n", kData))) ==
        "accuracy: calib: missing, expected data that its ranges are taken from");
  const std::string reason =
      reason_of(place, spec_of(fmt::format("data: {}\n", test_data_path("resnet8.yaml"))));
  CHECK(
      reason.ends_with("images are [1, 3, 32, 32] after preprocessing, the network expects "
                       "[1, 1, 28, 28]"));
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  CHECK(reason_of(place, "networks: [t.csv]\narchitectures: [edge-16x16]\n" + kBoth) ==
        "accuracy: data: a topology classifies nothing, expected an ONNX file");
}

TEST_CASE("mistakes in data and calib of a sweep have their line and column") {
  const Workplace place;
  CHECK(error_of(place, spec_of("data: none.yaml\n")) ==
        "systole: s.yaml:3:7: data: none.yaml: cannot open the data set\n");
  CHECK(error_of(place, spec_of(fmt::format("calib: {}\n", kCalib))) ==
        fmt::format("systole: s.yaml: calib: given for {} without data, whose accuracy it is for\n",
                    kNet));
  place.write("d.yaml", "images: x.npy\n");
  CHECK(error_of(place, spec_of("data: d.yaml\n")) ==
        "systole: s.yaml:3:7: data: d.yaml: labels: missing, accuracy needs one for each item\n");
  CHECK(error_of(place, spec_of("data: {a: 1}\n")) ==
        "systole: s.yaml:3:7: expected a dataset.yaml\n");
}

}  // namespace systole
