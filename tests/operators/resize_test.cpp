// SPDX-License-Identifier: Apache-2.0
// Resize and Upsample by version, coordinates and rounding: the elements 0, 1, 2, ... resized, as
// ONNX Runtime 1.30 gives them (graph optimisations disabled).
#include <catch2/catch.hpp>
#include <numeric>

#include "compiler/onnx/importer.h"
#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

struct Resized {
  int opset;
  std::string op;
  Dims from;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<float> scales;
  Dims sizes, axes;
  Dims to;
  std::vector<float> want;
};

const std::vector<Resized>& cases() {
  static const std::vector<Resized> table = {
      {7,
       "Upsample",
       {1, 1, 1, 3},
       {{"mode", "nearest"}},
       {1, 1, 1, 2.5f},
       {},
       {},
       {1, 1, 1, 7},
       {0, 0, 0, 1, 1, 2, 2}},
      {9,
       "Upsample",
       {1, 1, 1, 3},
       {{"mode", "linear"}},
       {1, 1, 1, 2},
       {},
       {},
       {1, 1, 1, 6},
       {0, 0.5f, 1, 1.5f, 2, 2}},
      {10,
       "Resize",
       {1, 1, 1, 7},
       {{"mode", "nearest"}},
       {1, 1, 1, 0.6f},
       {},
       {},
       {1, 1, 1, 4},
       {0, 2, 4, 5}},
      {10,
       "Resize",
       {1, 1, 1, 7},
       {{"mode", "nearest"}},
       {1, 1, 1, 1.5f},
       {},
       {},
       {1, 1, 1, 10},
       {0, 0, 1, 2, 2, 3, 4, 4, 5, 6}},
      {11,  // the size of columns stays: they are where they were
       "Resize",
       {1, 1, 1, 2},
       {{"coordinate_transformation_mode", "tf_half_pixel_for_nn"}, {"mode", "linear"}},
       {1, 1, 2, 1},
       {},
       {},
       {1, 1, 2, 2},
       {0, 1, 0, 1}},
      {10,
       "Resize",
       {1, 1, 1, 6},
       {{"mode", "linear"}},
       {1, 1, 1, 0.5f},
       {},
       {},
       {1, 1, 1, 3},
       {0, 2, 4}},
      {19,
       "Resize",
       {1, 1, 1, 7},
       {{"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "round_prefer_ceil"}},
       {},
       {1, 1, 1, 4},
       {},
       {1, 1, 1, 4},
       {0, 2, 4, 5}},
      {19,
       "Resize",
       {1, 1, 1, 14},
       {{"coordinate_transformation_mode", "half_pixel"}, {"nearest_mode", "round_prefer_floor"}},
       {},
       {1, 1, 1, 19},
       {},
       {1, 1, 1, 19},
       {0, 1, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 12, 13}},
      {19,
       "Resize",
       {1, 1, 1, 6},
       {{"coordinate_transformation_mode", "half_pixel_symmetric"}, {"nearest_mode", "floor"}},
       {},
       {1, 1, 1, 2},
       {},
       {1, 1, 1, 2},
       {0, 3}},
      {19,
       "Resize",
       {1, 1, 1, 7},
       {{"coordinate_transformation_mode", "align_corners"}, {"nearest_mode", "ceil"}},
       {},
       {1, 1, 1, 5},
       {},
       {1, 1, 1, 5},
       {0, 2, 3, 5, 6}},
      {19,
       "Resize",
       {1, 1, 1, 5},
       {{"coordinate_transformation_mode", "pytorch_half_pixel"}, {"nearest_mode", "floor"}},
       {},
       {1, 1, 1, 1},
       {},
       {1, 1, 1, 1},
       {0}},
      {19,
       "Resize",
       {1, 1, 1, 20},
       {{"coordinate_transformation_mode", "pytorch_half_pixel"},
        {"nearest_mode", "round_prefer_ceil"}},
       {},
       {1, 1, 1, 6},
       {},
       {1, 1, 1, 6},
       {1, 5, 8, 11, 15, 18}},
      {11,
       "Resize",
       {1, 1, 1, 4},
       {{"coordinate_transformation_mode", "tf_half_pixel_for_nn"}, {"nearest_mode", "ceil"}},
       {1, 1, 1, 2},
       {},
       {},
       {1, 1, 1, 8},
       {1, 1, 2, 2, 3, 3, 3, 3}},
      {11,
       "Resize",
       {1, 1, 1, 4},
       {{"coordinate_transformation_mode", "half_pixel"}, {"nearest_mode", "ceil"}},
       {1, 1, 1, 1.7f},
       {},
       {},
       {1, 1, 1, 6},
       {0, 1, 1, 2, 3, 3}},
      {13,
       "Resize",
       {1, 1, 1, 5},
       {{"mode", "linear"}, {"coordinate_transformation_mode", "align_corners"}},
       {},
       {1, 1, 1, 7},
       {},
       {1, 1, 1, 7},
       {0, 0.6666667f, 1.333333f, 2, 2.666667f, 3.333333f, 4}},
      {13,
       "Resize",
       {1, 1, 1, 5},
       {{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}},
       {},
       {1, 1, 1, 3},
       {},
       {1, 1, 1, 3},
       {0.3333333f, 2, 3.666667f}},
      {13,
       "Resize",
       {1, 1, 1, 4},
       {{"mode", "cubic"}, {"coordinate_transformation_mode", "half_pixel"}},
       {},
       {1, 1, 1, 8},
       {},
       {1, 1, 1, 8},
       {-0.1054688f, 0.1914062f, 0.6679688f, 1.296875f, 1.703125f, 2.332031f, 2.808594f,
        3.105469f}},
      {18,
       "Resize",
       {1, 1, 2, 4},
       {{"keep_aspect_ratio_policy", "not_larger"}},
       {},
       {3, 7},
       {2, 3},
       {1, 1, 3, 6},
       {0, 0, 1, 2, 2, 3, 0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7}},
      {18,
       "Resize",
       {1, 1, 2, 4},
       {{"keep_aspect_ratio_policy", "not_smaller"}},
       {},
       {3, 7},
       {2, 3},
       {1, 1, 4, 7},
       {0, 0, 1, 1, 2, 3, 3, 0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 7, 4, 4, 5, 5, 6, 7, 7}},
  };
  return table;
}

/// x -> Relu (which changes nothing) -> the operator.
OnnxBuilder network(const Resized& c) {
  OnnxBuilder b(c.opset);
  b.input("x", c.from);
  b.node("Relu", {"x"}, "r");
  std::vector<std::string> inputs = {"r"};
  const auto count = [](const auto& values) { return Dims{static_cast<int64_t>(values.size())}; };
  if (c.opset > 8 && !c.scales.empty()) b.floats("scales", count(c.scales), c.scales);
  if (!c.sizes.empty()) b.ints("sizes", count(c.sizes), c.sizes);
  if (c.opset >= 11) inputs.push_back("");
  if (c.opset > 8) inputs.push_back(c.scales.empty() ? "" : "scales");
  if (!c.sizes.empty()) inputs.push_back("sizes");
  auto node = b.node(c.op, inputs, "y");
  for (const auto& [name, value] : c.attributes) node.set(name, value);
  if (!c.axes.empty()) node.set("axes", c.axes);
  if (c.opset < 9) {
    onnx::AttributeProto* a = b.graph().mutable_node(1)->add_attribute();
    a->set_name("scales");
    a->set_type(onnx::AttributeProto::FLOATS);
    for (float s : c.scales) a->add_floats(s);
  }
  b.output("y");
  return b;
}

std::vector<float> counted(const Dims& dims) {
  std::vector<float> x(static_cast<size_t>(
      std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>())));
  std::iota(x.begin(), x.end(), 0.0f);
  return x;
}

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

TEST_CASE("resizing by every version, coordinate and rounding is ONNX Runtime's") {
  for (const Resized& c : cases()) {
    CAPTURE(c.opset, c.from, c.attributes, c.scales, c.sizes);
    const ScratchFolder folder;
    const exec::FloatExecutor executor(
        pipeline::load_graph(folder.write("net.onnx", network(c).bytes()), nullptr, nullptr));
    const graph::Graph& graph = executor.graph();
    CHECK(graph.values[static_cast<size_t>(graph.outputs[0])].onnx_shape == c.to);
    const std::vector<float> got = executor.run(counted(c.from)).at(0);
    REQUIRE(got.size() == c.want.size());
    for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(c.want[i]).margin(1e-4));
  }
}

TEST_CASE("parts with strides are the same quantised, compiled and on both engines") {
  std::mt19937 rng(4);
  for (const auto& [mode, height, width] : {std::tuple{"nearest", int64_t{3}, int64_t{10}},
                                            {"linear", int64_t{9}, int64_t{4}},
                                            {"cubic", int64_t{12}, int64_t{8}}}) {
    OnnxBuilder b;
    b.input("x", {2, 3, 6, 8}).ints("sizes", {4}, {2, 3, height, width});
    b.node("Relu", {"x"}, "r");
    b.node("Resize", {"r", "", "", "sizes"}, "y").set("mode", std::string(mode));
    b.output("y");
    const QuantisedNetwork network =
        check_network(b.bytes(), {random_floats(2 * 3 * 6 * 8, rng)}, 2.0);
    if (height == 9) network.check_cosim(square_arch());
  }
}

TEST_CASE("more parts than a node may become are made of rows, then of columns") {
  OnnxBuilder b;
  b.input("x", {1, 1, 67, 67}).ints("sizes", {4}, {1, 1, 71, 73});
  b.node("Relu", {"x"}, "r");
  b.node("Resize", {"r", "", "", "sizes"}, "y")
      .set("coordinate_transformation_mode", "asymmetric")
      .set("nearest_mode", "floor");
  b.output("y");
  const ScratchFolder folder;
  const exec::FloatExecutor executor(
      pipeline::load_graph(folder.write("net.onnx", b.bytes()), nullptr, nullptr));
  const std::vector<float> x = counted({67, 67}), got = executor.run(x).at(0);
  REQUIRE(got.size() == 71 * 73);
  for (size_t i = 0; i < 71; ++i)
    for (size_t j = 0; j < 73; ++j) REQUIRE(got[i * 73 + j] == x[i * 67 / 71 * 67 + j * 67 / 73]);
}

TEST_CASE("forms of Resize that are not taken are refused by name") {
  const auto with = [](int opset, const std::string& name, auto value) {
    OnnxBuilder b(opset);
    b.input("x", {1, 1, 4, 4}).floats("scales", {4}, {1, 1, 2, 2}).floats("roi", {0}, {});
    b.node("Resize", {"x", "roi", "scales"}, "y").set(name, value);
    b.output("y");
    return refusal(b);
  };
  CHECK_THAT(with(18, "antialias", 1), Catch::Contains("node 'y_node' (Resize): antialias = 1"));
  CHECK_THAT(with(13, "exclude_outside", 1),
             Catch::Contains("exclude_outside = 1 with mode 'nearest'"));
  CHECK_THAT(with(13, "coordinate_transformation_mode", std::string("tf_crop_and_resize")),
             Catch::Contains("coordinate_transformation_mode 'tf_crop_and_resize'"));
  CHECK_THAT(with(13, "coordinate_transformation_mode", std::string("sideways")),
             Catch::Contains("coordinate_transformation_mode is 'sideways'"));
  CHECK_THAT(with(13, "mode", std::string("lanczos")), Catch::Contains("mode is 'lanczos'"));
  OnnxBuilder b(18);
  b.input("x", {1, 1, 4, 4}).ints("sizes", {2}, {8, 8});
  b.node("Resize", {"x", "", "", "sizes"}, "y")
      .set("axes", Dims{-2, -1})
      .set("keep_aspect_ratio_policy", std::string("not_larger"));
  b.output("y");
  CHECK_THAT(refusal(b), Catch::Contains("keep_aspect_ratio_policy with negative axes"));
}

TEST_CASE("align_corners goes by the rows and columns that there are, as ONNX Runtime does") {
  OnnxBuilder b;
  b.input("x", {1, 1, 1, 5}).floats("scales", {4}, {1, 1, 1, 0.5f});
  b.node("Resize", {"x", "", "scales"}, "y")
      .set("mode", std::string("linear"))
      .set("coordinate_transformation_mode", std::string("align_corners"));
  b.output("y");
  CHECK(check_network(b.bytes(), {{1, 2, 4, 8, 16}}).outputs()[0] == std::vector<float>{1, 16});
}

}  // namespace systole::test
