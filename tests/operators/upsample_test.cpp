// SPDX-License-Identifier: Apache-2.0
// Operators that make maps larger, against loops written from the ONNX definition.
#include <catch2/catch.hpp>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

int64_t pick(std::mt19937& rng, int64_t lo, int64_t hi) {
  return lo + static_cast<int64_t>(rng() % static_cast<uint64_t>(hi - lo + 1));
}

}  // namespace

TEST_CASE("transposed convolutions of random kernels, strides, dilations and pads") {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    INFO("seed " << seed);
    std::mt19937 rng(seed);
    const int64_t c = pick(rng, 1, 4), oc = pick(rng, 1, 5), h = pick(rng, 1, 5),
                  w = pick(rng, 2, 5);
    int64_t k[2], s[2], d[2], extra[2], pads[4], out[2];
    const int64_t in[2] = {h, w};
    for (int i = 0; i < 2; ++i) {
      k[i] = pick(rng, 1, 4), s[i] = pick(rng, 1, 3), d[i] = pick(rng, 1, 2);
      if (seed % 3 == 0) k[i] = s[i] = 2, d[i] = 1;  // kernel = stride
      extra[i] = seed % 4 == 1 ? pick(rng, 0, s[i] - 1) : 0;
      const int64_t full = s[i] * (in[i] - 1) + extra[i] + (k[i] - 1) * d[i] + 1;
      pads[i] = pick(rng, 0, std::min<int64_t>(k[i] - 1, (full - 1) / 2));
      pads[i + 2] = pick(rng, 0, std::min<int64_t>(k[i] - 1, (full - 1) / 2));
      out[i] = full - pads[i] - pads[i + 2];
    }
    OnnxBuilder b;
    b.input("x", {2, c, h, w}).random("w", {c, oc, k[0], k[1]}, rng).random("bias", {oc}, rng);
    b.node("ConvTranspose", {"x", "w", "bias"}, "t")
        .set("strides", Dims{s[0], s[1]})
        .set("dilations", Dims{d[0], d[1]})
        .set("output_padding", Dims{extra[0], extra[1]})
        .set("pads", Dims{pads[0], pads[1], pads[2], pads[3]});
    b.node("Relu", {"t"}, "y");
    b.output("y");
    const auto x = random_floats(static_cast<size_t>(2 * c * h * w), rng);
    const QuantisedNetwork network = check_network(b.bytes(), {x}, 3.0);
    const auto& weights = b.graph().initializer(0).float_data();
    const auto& bias = b.graph().initializer(1).float_data();
    std::vector<float> want(static_cast<size_t>(2 * oc * out[0] * out[1]));
    const auto at = [&](int64_t n, int64_t o, int64_t i, int64_t j) -> float& {
      return want[static_cast<size_t>(((n * oc + o) * out[0] + i) * out[1] + j)];
    };
    for (int64_t n = 0; n < 2; ++n) {
      for (int64_t o = 0; o < oc; ++o) {
        for (int64_t i = 0; i < out[0]; ++i)
          for (int64_t j = 0; j < out[1]; ++j) at(n, o, i, j) = bias[static_cast<int>(o)];
        for (int64_t ci = 0; ci < c; ++ci)
          for (int64_t i = 0; i < h; ++i)
            for (int64_t j = 0; j < w; ++j)
              for (int64_t a = 0; a < k[0]; ++a)
                for (int64_t e = 0; e < k[1]; ++e) {
                  const int64_t y = i * s[0] - pads[0] + a * d[0],
                                v = j * s[1] - pads[1] + e * d[1];
                  if (y < 0 || y >= out[0] || v < 0 || v >= out[1]) continue;
                  at(n, o, y, v) +=
                      x[static_cast<size_t>(((n * c + ci) * h + i) * w + j)] *
                      weights[static_cast<int>(((ci * oc + o) * k[0] + a) * k[1] + e)];
                }
      }
    }
    REQUIRE(network.outputs()[0].size() == want.size());
    for (size_t i = 0; i < want.size(); ++i)
      CHECK(network.outputs()[0][i] == Approx(std::max(0.0f, want[i])).margin(1e-4));
    // The activation went into the parts: nothing but convolutions is left.
    for (const graph::QOp& op : network.quantised().ops) CHECK(op.is<graph::QConv>());
  }
}

TEST_CASE("nearest resize repeats rows and columns") {
  std::mt19937 rng(1);
  for (const auto& [fh, fw] : {std::pair<int64_t, int64_t>{2, 2}, {3, 2}, {1, 4}}) {
    OnnxBuilder b;
    b.input("x", {1, 5, 3, 4}).random("w", {3, 5, 3, 3}, rng);
    b.floats("scales", {4}, {1, 1, static_cast<float>(fh), static_cast<float>(fw)});
    b.node("Relu", {"x"}, "r");
    b.node("Resize", {"r", "", "scales"}, "u")
        .set("coordinate_transformation_mode", "asymmetric")
        .set("nearest_mode", "floor");
    b.node("Conv", {"u", "w"}, "y").set("pads", Dims{1, 1, 1, 1});
    b.output("y").output("u");
    const auto x = random_floats(60, rng);
    const QuantisedNetwork network = check_network(b.bytes(), {x}, 3.0);
    const auto& u = network.outputs()[1];
    for (int64_t c = 0; c < 5; ++c)
      for (int64_t i = 0; i < 3 * fh; ++i)
        for (int64_t j = 0; j < 4 * fw; ++j)
          CHECK(u[static_cast<size_t>((c * 3 * fh + i) * 4 * fw + j)] ==
                std::max(0.0f, x[static_cast<size_t>((c * 3 + i / fh) * 4 + j / fw)]));
  }
}

TEST_CASE("linear resize of half pixels, edges repeated, rounds once") {
  OnnxBuilder b;
  b.input("x", {1, 1, 2, 2}).floats("scales", {4}, {1, 1, 2, 2});
  b.node("Resize", {"x", "", "scales"}, "y").set("mode", "linear");
  b.output("y");
  const QuantisedNetwork network = check_network(b.bytes(), {{1, 2, 3, 4}}, 1.0);
  // The table of the ONNX documentation for this example.
  const std::vector<float> want = {1,    1.25f, 1.75f, 2,    1.5f, 1.75f, 2.25f, 2.5f,
                                   2.5f, 2.75f, 3.25f, 3.5f, 3,    3.25f, 3.75f, 4};
  REQUIRE(network.outputs()[0].size() == want.size());
  for (size_t i = 0; i < want.size(); ++i)
    CHECK(network.outputs()[0][i] == Approx(want[i]).margin(1e-5));
}

TEST_CASE("parts that lie apart are the same on RTL and model") {
  std::mt19937 rng(9);
  OnnxBuilder b;
  b.input("x", {2, 3, 4, 3}).random("w", {3, 4, 2, 2}, rng).random("w2", {5, 7, 3, 3}, rng);
  b.floats("scales", {4}, {1, 1, 2, 2});
  b.node("ConvTranspose", {"x", "w"}, "t").set("strides", Dims{2, 2});
  b.node("HardSwish", {"t"}, "h");
  b.node("Resize", {"x", "", "scales"}, "u");
  b.node("Concat", {"u", "h"}, "j").set("axis", 1);
  b.node("Conv", {"j", "w2"}, "c");
  b.node("Sigmoid", {"c"}, "y");
  b.output("y");
  QuantisedNetwork(b.bytes(), {random_floats(72, rng)}).check_cosim(square_arch());
}

}  // namespace systole::test
