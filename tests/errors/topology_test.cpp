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

}  // namespace
}  // namespace systole
