// SPDX-License-Identifier: Apache-2.0
// Topologies of SCALE-Sim that are wrong: every message names line and column.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

constexpr const char* kConv =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

void check_topology(const std::string& text, const std::string& message) {
  const Workplace place;
  place.write("t.csv", text);
  check_refused(place, {"run", "--topology", "t.csv"}, 2, message);
}

TEST_CASE("a field that is no number, out of range or missing is named with line and column") {
  const std::string conv = kConv;
  check_topology(conv + "a, 8, 8, 3, 3, 4, 8, 1,\n\nb, 8, x, 3, 3, 4, 8, 1,\n",
                 "t.csv:4, column 3 (IFMAP Width): 'x', expected a whole number in 1..2147483648");
  check_topology(conv + "a, 8, 8, 3, 3, 4, 0, 1,\n",
                 "t.csv:2, column 7 (Num Filter): '0', expected a whole number in 1..2147483648");
  check_topology(conv + "a, 8, 8, 3, 3, 4, 8\n",
                 "t.csv:2, column 8 (Strides): missing, expected 1..2147483648");
  check_topology(conv + "a, 8, 8, 3, 9, 4, 8, 1,\n",
                 "t.csv:2, column 5 (Filter Width): 9 is larger than the input's 8");
  check_topology("Layer, M, N, K, Sparsity,\na, 8, 8, 8, 5:4,\n",
                 "t.csv:2, column 5 (Sparsity): '5:4', expected a ratio N:M with 1 <= N <= M");
}

TEST_CASE("a header that is neither form is refused by its column") {
  const std::string by_position = ", columns are read by position: expected Layer, M, N, K";
  check_topology("Layer, M, N, Q,\na, 1, 2, 3,\n", "t.csv:1, column 4: 'Q'" + by_position);
  check_topology("Layer, M, K, N,\na, 1, 2, 3,\n", "t.csv:1, column 3: 'K'" + by_position);
  check_topology("Layer, M, N,\na, 1, 2,\n",
                 "t.csv:1: the header has 3 columns, expected Layer, M, N, K");
  check_topology(
      "Layer name, IFMAP Width, IFMAP Height, Filter Height, Filter Width, Channels, "
      "Num Filter, Strides,\na, 8, 9, 3, 3, 4, 8, 1,\n",
      "t.csv:1, column 2: 'IFMAP Width', columns are read by position: expected Layer "
      "name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "
      "Filter, Strides");
  check_topology(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
      "Num Filter, Strides, Batch Size,\na, 8, 9, 3, 3, 4, 8, 1, 2,\n"
      "b, 8, 9, 3, 3, 4, 8, 1, 3,\n",
      "t.csv:3, column 9 (Batch Size): 3, expected 2 as in the lines before");
  check_topology("\n", "t.csv: is empty, expected a header and a line a layer");
  check_topology(kConv, "t.csv: has a header and no layers");
}

TEST_CASE("a topology takes no data and stands in place of a network") {
  const Workplace place;
  place.write("t.csv", std::string(kConv) + "a, 8, 8, 3, 3, 4, 8, 1,\n");
  check_refused(place, {"run", "--topology", "none.csv"}, 2, "none.csv: no such file");
  check_refused(place, {"run", "--topology", "t.csv", "--data", "x.yaml"}, 2,
                "--topology: is timing only, expected no --data or --input");
  check_refused(place, {"run", "--topology", "t.csv", "--calib", "x.yaml"}, 2,
                "--calib: a topology has no values to calibrate, expected an ONNX file");
  check_refused(place, {"run", "t.csv"}, 2,
                "t.csv: not an ONNX file; a SCALE-Sim topology is given by --topology");
}

constexpr const char* kConfig =
    "[general]\nrun_name = edge\n[architecture_presets]\nArrayHeight: 16\nArrayWidth: 16\n"
    "IfmapSramSzkB: 128\nFilterSramSzkB: 32\nOfmapSramSzkB: 128\nBandwidth : 16\n"
    "Dataflow : ws\n[run_presets]\nInterfaceBandwidth: USER\n";

/// The configuration with `from` replaced.
void check_config(const std::string& from, const std::string& to, const std::string& message) {
  const Workplace place;
  std::string text = kConfig;
  text.replace(text.find(from), from.size(), to);
  place.write("t.csv", std::string(kConv) + "a, 8, 8, 3, 3, 4, 8, 1,\n");
  place.write("s.cfg", text);
  check_refused(place, {"run", "--topology", "t.csv", "--scalesim-config", "s.cfg", "-o", "out"}, 2,
                message);
}

TEST_CASE("a SCALE-Sim configuration of another dataflow is refused by its name") {
  check_config("Dataflow : ws", "Dataflow : os",
               "s.cfg:10: Dataflow: os (output stationary), expected ws: this array is weight "
               "stationary");
  check_config("Dataflow : ws", "Dataflow : is",
               "s.cfg:10: Dataflow: is (input stationary), expected ws: this array is weight "
               "stationary");
}

TEST_CASE("a SCALE-Sim configuration that lacks a key, or has one out of range, is refused") {
  check_config("ArrayWidth: 16\n", "",
               "s.cfg: ArrayWidth in section [architecture_presets] is missing");
  check_config("ArrayWidth: 16", "ArrayWidth: 512", "s.cfg:5: ArrayWidth: 512 is outside 1..256");
  check_config("USER", "ALL", "s.cfg:12: InterfaceBandwidth: 'ALL', expected USER or CALC");
  check_config("[general]\n", "",
               "s.cfg:1: 'run_name = edge' stands in no section, expected "
               "[section] before it");
  check_config("ArrayWidth: 16", "ArrayWidth",
               "s.cfg:5: 'ArrayWidth', expected [section] or KEY = VALUE");
  check_config("ArrayWidth: 16", "ArrayHeight: 8",
               "s.cfg:5: ArrayHeight: given twice (first at s.cfg:4)");
  const Workplace place;
  check_refused(place, {"run", "--topology", "t.csv", "--scalesim-config", "none.cfg"}, 2,
                "none.cfg: no such file");
}

/// A problem whose instance is `instance`.
void check_problem(const std::string& shape, const std::string& instance,
                   const std::string& message) {
  const Workplace place;
  place.write("p.yaml", "problem:\n  shape: " + shape + "\n  instance: " + instance + "\n");
  check_refused(place, {"run", "--timeloop-problem", "p.yaml"}, 2, message);
}

TEST_CASE("a Timeloop problem that is no layer of this machine is refused") {
  check_problem("cnn-layer", "{C: 3, M: 8, R: 3, S: 3, P: 8, Q: 8}",
                "p.yaml:3: instance: no size for dimension N");
  check_problem("cnn-layer", "{C: 3, M: 8, R: 3, S: 3, P: 8, Q: 0, N: 1}",
                "p.yaml:3: Q: '0', expected a whole number from 1");
  check_problem("cnn-layer", "{C: 3, M: 8, R: 3, S: 3, P: 8, Q: 70000, N: 1}",
                "p.yaml:3: Q: 70000, expected at most 65535");
  check_problem("cnn-layer", "{C: 3, M: 8, R: 3, S: 3, P: 8, Q: 8, N: 1, Z: 2}",
                "p.yaml:3: Z: neither a dimension nor a coefficient of the shape");
  check_problem("cnn-layer", "{C: 3, M: 8, R: 3, S: 3, P: 8, Q: 8, N: 1, densities: {Inputs: 1}}",
                "p.yaml:3: densities: a problem is dense here, expected a topology with a column "
                "Sparsity");
  check_problem("attention", "{M: 1}",
                "p.yaml:2: shape: 'attention', expected cnn-layer, or a map with 'dimensions'");
  check_problem("{dimensions: [A, B]}", "{A: 1, B: 1}",
                "p.yaml: dimensions A, B, expected C, M, R, S, P, Q with N and G at will "
                "(convolution; without M and G depthwise), or M, N, K (matrix product)");
  check_problem(
      "{dimensions: [M, N, K], data_spaces: [{name: A, projection: [[[M]], [[K]]]}, "
      "{name: B, projection: [[[M]], [[N]]]}, {name: Z, projection: [[[M]], [[N]]], "
      "read_write: true}]}",
      "{M: 1, N: 1, K: 1}",
      "p.yaml:2: data spaces: expected those of a matrix product: weights over K, N, "
      "inputs over K, M, results over M, N, which alone are read and written");
  const Workplace place;
  place.write("p.yaml", "layers: []\n");
  check_refused(place, {"run", "--timeloop-problem", "p.yaml"}, 2,
                "p.yaml: has no map 'problem', expected a problem of Timeloop");
  place.write("p.yaml", "problem: [\n");
  CHECK(place.run({"run", "--timeloop-problem", "p.yaml"}).exit_code == 2);
}

TEST_CASE("options that a topology or a problem has no use for are refused") {
  const Workplace place;
  place.write("t.csv", std::string(kConv) + "a, 8, 8, 3, 3, 4, 8, 1,\n");
  check_refused(place, {"run", "--topology", "t.csv", "--shape", "x=1,3,8,8"}, 2,
                "--shape: a topology has its dimensions, expected an ONNX file");
  check_refused(place, {"run", "--timeloop-problem", "p.yaml", "--data", "x.yaml"}, 2,
                "--timeloop-problem: is timing only, expected no --data or --input");
  CHECK(place.run({"run", "--depthwise", "native", "net.onnx"}).exit_code == 2);
}

}  // namespace
}  // namespace systole
