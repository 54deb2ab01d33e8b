// SPDX-License-Identifier: Apache-2.0
// Pads of channels, rows and columns, positive and negative; constants and pixels beside tensors.
#include <catch2/catch.hpp>

#include "compiler/onnx/importer.h"
#include "model/base/error.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

std::string refusal(const OnnxBuilder& b) {
  const ScratchFolder folder;
  try {
    importer::import_onnx(folder.write("net.onnx", b.bytes()));
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("channels are padded, rows and columns cut and padded, with any value") {
  std::mt19937 rng(1);
  for (const float value : {0.0f, 1.5f, -2.0f}) {
    for (const Dims& pads : std::vector<Dims>{{0, 1, 0, 0, 0, 2, 0, 0},
                                              {0, 2, 1, 0, 0, 0, 2, 1},
                                              {0, 0, -1, 1, 0, 0, 0, -2},
                                              {0, -1, 0, 0, 0, 2, -1, 0}}) {
      CAPTURE(value, pads);
      const int64_t c = 3, h = 4, w = 5;
      OnnxBuilder b(13);
      b.input("x", {1, c, h, w}).ints("pads", {8}, pads).floats("value", {}, {value});
      b.node("Relu", {"x"}, "r");
      b.node("Pad", {"r", "pads", "value"}, "y");
      b.output("y");
      const auto x = random_floats(static_cast<size_t>(c * h * w), rng);
      const QuantisedNetwork network = check_network(b.bytes(), {x}, 2.0);
      const auto& got = network.outputs()[0];
      size_t at = 0;
      for (int64_t i = -pads[1]; i < c + pads[5]; ++i)
        for (int64_t j = -pads[2]; j < h + pads[6]; ++j)
          for (int64_t k = -pads[3]; k < w + pads[7]; ++k) {
            const bool inside = i >= 0 && i < c && j >= 0 && j < h && k >= 0 && k < w;
            const float want =
                inside ? std::max(0.0f, x[static_cast<size_t>((i * h + j) * w + k)]) : value;
            REQUIRE(at < got.size());
            CHECK(got[at++] == Approx(want).margin(1e-5));
          }
      CHECK(at == got.size());
    }
  }
}

TEST_CASE("rows, columns and channels are padded with copies of others") {
  // numpy.pad of 0, 1, 2, 3 by two before and three after.
  const auto [mode, line] =
      GENERATE(std::pair<std::string, std::vector<size_t>>{"edge", {0, 0, 0, 1, 2, 3, 3, 3, 3}},
               std::pair<std::string, std::vector<size_t>>{"reflect", {2, 1, 0, 1, 2, 3, 2, 1, 0}},
               std::pair<std::string, std::vector<size_t>>{"wrap", {2, 3, 0, 1, 2, 3, 0, 1, 2}});
  const Dims dims = GENERATE(Dims{1, 4, 4, 4}, Dims{1, 4, 4}, Dims{1, 4});
  CAPTURE(mode, dims);
  std::mt19937 rng(3);
  OnnxBuilder b(19);
  Dims pads(2 * dims.size(), 0);
  for (size_t d = 1; d < dims.size(); ++d) {
    pads[d] = 2;
    pads[dims.size() + d] = 3;
  }
  b.input("x", dims).ints("pads", {static_cast<int64_t>(pads.size())}, pads);
  b.node("Pad", {"x", "pads"}, "y").set("mode", mode);
  b.output("y");
  size_t count = 1, size = 1;
  for (size_t d = 1; d < dims.size(); ++d) {
    count *= 4;
    size *= 9;
  }
  const auto x = random_floats(count, rng);
  const QuantisedNetwork network = check_network(b.bytes(), {x});
  const auto& got = network.outputs()[0];
  REQUIRE(got.size() == size);
  for (size_t i = 0; i < size; ++i) {
    size_t from = 0;
    for (size_t rest = i, stride = 1, d = 1; d < dims.size(); ++d, rest /= 9, stride *= 4)
      from += line[rest % 9] * stride;
    REQUIRE(got[i] == x[from]);
  }
}

TEST_CASE("a constant with a value for each of two dimensions of channels") {
  std::mt19937 rng(2);
  for (const Dims& dims : std::vector<Dims>{{1, 3, 1, 1, 1}, {2, 1, 1}, {1, 3, 2, 1, 1}}) {
    CAPTURE(dims);
    OnnxBuilder b(13);
    b.input("x", {1, 3, 2, 2, 2}).random("k", dims, rng);
    b.node("Add", {"x", "k"}, "y");
    b.output("y");
    const auto x = random_floats(24, rng);
    const QuantisedNetwork network = check_network(b.bytes(), {x}, 2.0);
    const auto& k = b.graph().initializer(0).float_data();
    for (size_t i = 0; i < 24; ++i) {
      const size_t a = i / 8, e = i / 4 % 2;
      const size_t at = k.size() == 6 ? 2 * a + e : k.size() == 3 ? a : e;
      CHECK(network.outputs()[0][i] == Approx(x[i] + k[static_cast<int>(at)]).margin(1e-5));
    }
  }
}

TEST_CASE("what would broadcast a tensor, or a pixel along rows, is refused") {
  OnnxBuilder wide(13);
  wide.input("x", {1, 1, 2, 2}).floats("k", {3, 1, 1}, {1, 2, 3});
  wide.node("Mul", {"x", "k"}, "y");
  wide.output("y");
  CHECK_THAT(refusal(wide), Catch::Contains("constant of shape [3, 1, 1] with a tensor [1, 1, 2, "
                                            "2]: the tensor would be broadcast"));
  OnnxBuilder rows(13);  // [1, h, w, c] times [1, c, 1, 1] goes along h
  rows.input("x", {1, 3, 3, 3});
  rows.node("Relu", {"x"}, "r");
  rows.node("GlobalAveragePool", {"r"}, "p");
  rows.node("Transpose", {"r"}, "t").set("perm", Dims{0, 2, 3, 1});
  rows.node("Mul", {"t", "p"}, "y");
  rows.output("y");
  CHECK_THAT(refusal(rows), Catch::Contains("node 'y_node' (Mul)"));
}

}  // namespace systole::test
