// SPDX-License-Identifier: Apache-2.0
// YAML of every kind: a key that stands twice, and a second document, are told, not left out.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("mlp_fmnist.onnx");
const std::string kSweep = "networks: [t.csv]\narchitectures: [edge-16x16]\n";

void check_yaml(const std::vector<std::string>& arguments, const std::string& text,
                const std::string& message) {
  const Workplace place;
  CAPTURE(arguments, text);
  place.write("t.csv", "Layer, M, N, K,\na, 16, 32, 32,\n");
  place.write("f.yaml", text);
  check_refused(place, arguments, 2, message);
}

TEST_CASE("a key of a YAML file stands there once, however deep") {
  check_yaml({"sweep", "f.yaml"}, kSweep + "networks: [t.csv]\n",
             "f.yaml:3:1: 'networks' is given twice, first in line 1");
  check_yaml({"sweep", "f.yaml"}, kSweep + "set: {ub.kib: [64], array.rows: [8], ub.kib: [32]}\n",
             "f.yaml:3:38: 'ub.kib' is given twice, first in line 3");
  check_yaml({"optimise", "f.yaml"}, kSweep + "objectives: [latency]\nbatch: [1]\nbatch: [2]\n",
             "f.yaml:5:1: 'batch' is given twice, first in line 4");
  check_yaml({"compile", kNet, "--precision", "f.yaml"},
             "layers:\n  - name: a\n    weights: 4\n    weights: 8\n",
             "f.yaml:4: 'weights' is given twice, first in line 3");
  check_yaml({"run", kNet, "--data", "f.yaml"}, "images: a.npy\nimages: b.npy\n",
             "f.yaml:2: images: given twice");
  check_yaml({"run", "--timeloop-problem", "f.yaml"}, "problem:\n  shape: {name: a, name: b}\n",
             "f.yaml:2: 'name' is given twice, first in line 2");
}

TEST_CASE("a YAML file is one document") {
  const std::string second = "---\nbatch: [2]\n";
  check_yaml({"sweep", "f.yaml"}, kSweep + second, "f.yaml:4:1: a second document, expected one");
  check_yaml({"compile", kNet, "--precision", "f.yaml"}, "weights: 4\n" + second,
             "f.yaml:3: not YAML: a second document, expected one");
  check_yaml({"run", kNet, "--data", "f.yaml"}, "images: a.npy\n" + second,
             "f.yaml:3: not YAML: a second document, expected one");
}

TEST_CASE("what an alias names is looked at once, also where it holds itself") {
  check_yaml({"sweep", "f.yaml"}, "networks: &a [*a]\narchitectures: [edge-16x16]\n",
             "f.yaml:1:11: expected the file of a network");
  std::string text = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string name = "*x" + std::to_string(i - 1);
    text += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + name;
    for (int k = 1; k < 10; ++k) text += ", " + name;
    text += "]\n";
  }
  const Workplace place;
  place.write("f.yaml", text + kSweep);
  const CommandResult result = place.run({"sweep", "f.yaml"});
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::StartsWith("systole: f.yaml:1:1: unknown key 'x0', expected "));
}

}  // namespace
}  // namespace systole
