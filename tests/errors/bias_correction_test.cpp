// SPDX-License-Identifier: Apache-2.0
// --bias-correction where there are no means, or nothing to correct; and the policy that keeps it.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kLeNet = test_data_path("lenet_fmnist.onnx");
const std::string kCalibration = test_data_path("lenet_calib.yaml");

TEST_CASE("bias correction that cannot be is one line") {
  const Workplace place;
  const std::string no_data =
      "bias correction: no calibration data to take means from, expected --calib";
  for (const char* command : {"run", "cosim"})
    check_refused(place, {command, kLeNet, "--bias-correction"}, 2, kLeNet + ": " + no_data);
  check_refused(place, {"run", kLeNet, "--bias-correction", "--host-fallback"}, 2,
                kLeNet + ": " + no_data);
  check_refused(place, {"study", kLeNet, "--bias-correction"}, 2, no_data);
  place.write("policy.yaml", "weights: 4\nbias_correction: true\n");
  check_refused(place, {"study", kLeNet, "--precisions", "int8,policy.yaml"}, 2, no_data);
  check_refused(place, {"compile", kLeNet, "--precision", "policy.yaml", "-o", "net.sysb"}, 2,
                kLeNet + ": " + no_data);
  place.write("broken.yaml", "\nbias_correction: 2\n");
  check_refused(place, {"run", kLeNet, "--precision", "broken.yaml"}, 2,
                "broken.yaml:2: bias_correction: '2', expected true or false");
  const std::string own = test_data_path("lowbit/lenet_fmnist_w4a4.qonnx.onnx");
  check_refused(
      place, {"run", own, "--bias-correction", "--calib", kCalibration}, 2,
      own +
          ": bias correction: no layer has weights that are rounded, there is nothing to correct");
  place.write("t.csv", "Layer, M, N, K,\na, 8, 8, 8,\n");
  check_refused(place, {"run", "--topology", "t.csv", "--bias-correction"}, 2,
                "--precision, --bias-correction: a topology has no weights, expected an ONNX file; "
                "--weights and --activations give the widths of a topology");
}

TEST_CASE("a search with bias correction writes it into its policy") {
  const Workplace place;
  const CommandResult search =
      place.run({"search-precision", kLeNet, "--calib", kCalibration, "--budget", "1",
                 "--bias-correction", "-o", "policy.yaml"});
  CHECK(search.err == "");
  REQUIRE(search.exit_code == 0);
  std::ifstream policy(place.path() / "policy.yaml");
  const std::string text{std::istreambuf_iterator<char>(policy), {}};
  CHECK(text.find("\nbias_correction: true\n") != std::string::npos);
  const CommandResult run =
      place.run({"run", kLeNet, "--precision", "policy.yaml", "--calib", kCalibration});
  CHECK(run.err == "");
  CHECK(run.exit_code == 0);
}

}  // namespace
}  // namespace systole
