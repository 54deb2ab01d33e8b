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
                 "t.csv:4, column 3 (IFMAP Width): 'x', expected a whole number in 1..65535");
  check_topology(conv + "a, 8, 8, 3, 3, 4, 0, 1,\n",
                 "t.csv:2, column 7 (Num Filter): '0', expected a whole number in 1..65535");
  check_topology(conv + "a, 8, 8, 3, 3, 4, 8\n",
                 "t.csv:2, column 8 (Strides): missing, expected 1..255");
  check_topology(conv + "a, 8, 8, 3, 3, 4, 8, 1, 9,\n",
                 "t.csv:2, column 9: the header has 8 columns only");
  check_topology(conv + "a, 8, 8, 3, 9, 4, 8, 1,\n",
                 "t.csv:2, column 5 (Filter Width): 9 is larger than the input's 8");
  check_topology("Layer, M, N, K, Sparsity,\na, 8, 8, 8, 5:4,\n",
                 "t.csv:2, column 5 (Sparsity): '5:4', expected a ratio N:M with 1 <= N <= M");
}

TEST_CASE("a header that is neither form is refused by its column") {
  check_topology("Layer, M, N, Q,\na, 1, 2, 3,\n",
                 "t.csv:1, column 4: 'Q' is not a column of a SCALE-Sim topology");
  check_topology("Layer, M, M, K,\na, 1, 2, 3,\n", "t.csv:1, column 3: 'M' stands there twice");
  check_topology("Layer, M, N,\na, 1, 2,\n",
                 "t.csv:1: the header lacks a column, expected Layer, M, N, K");
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
}

}  // namespace
}  // namespace systole
