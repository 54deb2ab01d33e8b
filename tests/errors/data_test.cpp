// SPDX-License-Identifier: Apache-2.0
// Broken data: .npy of the wrong shape or type, data sets with mistakes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "compiler/data/npy.h"
#include "sim/numpy/npy_writer.h"
#include "tests/errors/command.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

TEST_CASE("an .npy of the wrong shape, type or content is refused") {
  const Workplace place;
  place.write("shape.npy", numpy::to_npy(std::vector<float>(28 * 28), {1, 28, 28, 1}));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "shape.npy"}, 2,
                "shape.npy: shape [1, 28, 28, 1], expected [1, 1, 28, 28]");
  place.write("type.npy", numpy::to_npy(std::vector<int8_t>(28 * 28), {1, 1, 28, 28}));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "type.npy"}, 2,
                "type.npy: holds integers, expected float32 values as the network takes them");
  const std::string good = numpy::to_npy(std::vector<float>(28 * 28), {1, 1, 28, 28});
  place.write("cut.npy", std::string_view(good).substr(0, good.size() - 4));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "cut.npy"}, 2,
                "cut.npy: holds 3132 bytes of elements, expected 3136 for its shape");
  place.write("text.npy", "hello");
  check_refused(place, {"run", kNet, "--json", "-", "--input", "text.npy"}, 2,
                "text.npy: not an .npy file");
  std::vector<float> nan(28 * 28);
  nan[5] = std::numeric_limits<float>::infinity();
  place.write("nan.npy", numpy::to_npy(nan, {1, 1, 28, 28}));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "nan.npy"}, 2,
                "nan.npy: element 5 is not finite");
}

/// A file of one network: two inputs [1, 4], added.
std::string two_inputs() {
  test::OnnxBuilder b;
  b.input("left", {1, 4}).input("right", {1, 4});
  b.node("Add", {"left", "right"}, "y");
  b.output("y");
  return b.bytes();
}

TEST_CASE("data for several inputs: each by its name, once, in its shape") {
  const Workplace place;
  place.write("two.onnx", two_inputs());
  place.write("a.npy", numpy::to_npy(std::vector<float>{1, 2, 3, 4}, {1, 4}));
  place.write("b.npy", numpy::to_npy(std::vector<float>{4, 2, 0, -2}, {1, 4}));
  place.write("c.npy", numpy::to_npy(std::vector<float>{1, 2}, {1, 2}));
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), {"run", "two.onnx", "--json", "-"});
    check_refused(place, arguments, 2, message);
  };
  refused({"--input", "a.npy"},
          "--input a.npy: expected NAME=FILE.npy for each of 'left', 'right'");
  refused({"--input", "up=a.npy"},
          "--input up=a.npy: expected NAME=FILE.npy for each of 'left', 'right'");
  refused({"--input", "left=a.npy"}, "--input: nothing given for input 'right'");
  refused({"--input", "left=a.npy", "--input", "left=b.npy"},
          "--input left=b.npy: input 'left' is given twice");
  refused({"--input", "left=a.npy", "--input", "right=c.npy"},
          "c.npy: shape [1, 2], expected [1, 4]");
  const CommandResult both = place.run(
      {"run", "two.onnx", "--input", "left=a.npy", "--input", "right=b.npy", "--arch", "edge-4x4"});
  CHECK(both.exit_code == 0);
  CHECK(both.out.find("item 0: class 0\n") != std::string::npos);
  check_refused(place, {"run", kNet, "--json", "-", "--input", "foo=a.npy"}, 2,
                "--input foo=a.npy: expected NAME=FILE.npy for 'input'");
}

const std::string kStandIn = "warning: no --calib: activation ranges come from what ";

TEST_CASE("without --calib the data of a run gives the ranges, and a warning says so") {
  const Workplace place;
  place.write("two.onnx", two_inputs());
  place.write("a.npy", numpy::to_npy(std::vector<float>{100, -200, 300, 400}, {1, 4}));
  place.write("b.npy", numpy::to_npy(std::vector<float>{4, 2, 0, -2}, {1, 4}));
  place.write("two.yaml", "inputs:\n  left: {images: a.npy}\n  right: {images: b.npy}\n");
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"run", "two.onnx", "--arch", "edge-4x4", "-o", "out"});
    const CommandResult result = place.run(arguments);
    CHECK(result.exit_code == 0);
    const data::NpyArray y = data::read_npy(place.path() / "out" / "y.npy");
    // 600 in 256 steps; left, right and their sum are rounded.
    const std::vector<double> want = {104, -198, 300, 398};
    for (int64_t i = 0; i < 4; ++i)
      CHECK(y.at(i) == Approx(want[static_cast<size_t>(i)]).margin(600.0 / 255 + 0.1));
    return result.err;
  };
  const std::vector<std::string> files = {"--input", "right=b.npy", "--input", "left=a.npy"};
  CHECK(run(files) == kStandIn + "--input gives\n");
  CHECK(run({"--data", "two.yaml"}) == kStandIn + "--data gives\n");
  CHECK(run({"--data", "two.yaml", "--calib", "two.yaml"}).empty());
  CHECK(run({"--input", "right=b.npy", "--input", "left=a.npy", "--calib", "two.yaml"}).empty());
  std::filesystem::remove_all(place.path() / "out");
  check_refused(place, {"run", "two.onnx", "--bias-correction", "--data", "two.yaml"}, 2,
                "two.onnx: bias correction: no layer has weights that are rounded, there is "
                "nothing to correct");
}

TEST_CASE("a network that states all its scales says nothing of ranges when it is given data") {
  const Workplace place;
  const CommandResult result =
      place.run({"run", test_data_path("quantised/lenet_qdq_u8s8_perchannel.onnx"), "--data",
                 test_data_path("lenet.yaml")});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
}

/// A file of one network that states all its scales, the last node of which only the host has.
std::string quantised_in_stages() {
  test::OnnxBuilder b;
  b.input("x", {1, 2, 4, 4});
  b.floats("scale", {}, {0.5f});
  onnx::TensorProto* zero = b.graph().add_initializer();
  zero->set_name("zero");
  zero->set_data_type(onnx::TensorProto::UINT8);
  zero->add_int32_data(128);
  b.node("QuantizeLinear", {"x", "scale", "zero"}, "q");
  b.node("DequantizeLinear", {"q", "scale", "zero"}, "d");
  b.node("MaxPool", {"d"}, "m").set("kernel_shape", test::Dims{2, 2});
  b.node("LRN", {"m"}, "y").set("size", 3);
  b.output("y");
  return b.bytes();
}

TEST_CASE("a network in stages that states all its scales takes data as its input alone") {
  const Workplace place;
  place.write("net.onnx", quantised_in_stages());
  place.write("x.npy", numpy::to_npy(std::vector<float>(32, 1.5f), {1, 2, 4, 4}));
  place.write("x.yaml", "images: x.npy\n");
  const auto check_run = [&](const std::string& option, const std::string& file) {
    const CommandResult result = place.run({"run", "net.onnx", "--host-fallback", option, file});
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
  };
  check_run("--input", "x.npy");
  check_run("--data", "x.yaml");
  const CommandResult unused =
      place.run({"run", "net.onnx", "--host-fallback", "--calib", "x.yaml"});
  CHECK(unused.exit_code == 0);
  CHECK(unused.err ==
        "warning: the network states all its scales: the calibration data is not used\n");
}

TEST_CASE("data sets for several inputs: mistakes are told with file and key") {
  const Workplace place;
  place.write("two.onnx", two_inputs());
  place.write("a.npy", numpy::to_npy(std::vector<float>{1, 2, 3, 4}, {1, 4}));
  place.write("b.npy", numpy::to_npy(std::vector<float>(8), {2, 4}));
  const auto refused = [&](const std::string& text, const std::string& message) {
    place.write("d.yaml", text);
    for (const std::string option : {"--data", "--calib"})
      check_refused(place, {"run", "two.onnx", option, "d.yaml"}, 2, message);
  };
  refused("images: a.npy\n",
          "d.yaml: images: the network has 2 inputs, expected inputs: with an entry for each of "
          "'left', 'right'");
  refused("inputs: {left: {images: a.npy}}\n", "d.yaml: inputs: nothing given for input 'right'");
  refused("inputs: {left: {images: a.npy}, right: {images: b.npy}}\n",
          "d.yaml: inputs.right.images: b.npy holds 2 items, a.npy holds 1");
}

/// A file of one network: an input of bytes [1, 4], cast and scaled.
std::string bytes_input() {
  test::OnnxBuilder b;
  b.input("x", {1, 4});
  b.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::UINT8);
  b.floats("half", {}, {0.5f});
  b.node("Cast", {"x"}, "f").set("to", 1);
  b.node("Mul", {"f", "half"}, "y");
  b.output("y");
  return b.bytes();
}

/// An .npy of uint8, [1, 4].
std::string uint8_npy(const std::vector<int8_t>& bytes) {
  std::string file = numpy::to_npy(bytes, {1, 4});
  return file.replace(file.find("|i1"), 3, "|u1");
}

TEST_CASE("an input of bytes takes whole numbers of its range, in any type") {
  const Workplace place;
  place.write("net.onnx", bytes_input());
  place.write("u1.npy", uint8_npy({0, 7, -128, -1}));
  place.write("f4.npy", numpy::to_npy(std::vector<float>{0, 7, 128, 255}, {1, 4}));
  place.write("d.yaml", "images: u1.npy\n");
  const auto result_of = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"run", "--arch", "edge-4x4", "-o", "out"});
    const CommandResult result = place.run(arguments);
    CHECK(result.exit_code == 0);
    INFO(result.err);
    const data::NpyArray y = data::read_npy(place.path() / "out" / "y.npy");
    return std::vector<double>{y.at(0), y.at(1), y.at(2), y.at(3)};
  };
  const std::vector<double> want = {0, 3.5, 64, 127.5};
  for (const std::string file : {"u1.npy", "f4.npy"})
    CHECK(result_of({"net.onnx", "--input", file}) == want);
  CHECK(result_of({"net.onnx", "--data", "d.yaml"}) == want);
  CHECK(result_of({"out/program.sysb", "--input", "u1.npy"}) == want);

  place.write("i1.npy", numpy::to_npy(std::vector<int8_t>{0, 7, -1, 1}, {1, 4}));
  place.write("part.npy", numpy::to_npy(std::vector<float>{0, 7.5f, 1, 2}, {1, 4}));
  place.write("scaled.yaml", "images: u1.npy\nscale: 1/255\n");
  std::filesystem::remove_all(place.path() / "out");
  check_refused(place, {"run", "net.onnx", "--input", "i1.npy"}, 2,
                "i1.npy: element 2 is -1, input 'x' takes whole numbers in 0..255");
  check_refused(place, {"run", "net.onnx", "--input", "part.npy"}, 2,
                "part.npy: element 1 is 7.5, input 'x' takes whole numbers in 0..255");
  check_refused(place, {"run", "net.onnx", "--data", "scaled.yaml"}, 2,
                "u1.npy: image 0 after preprocessing: element 1 is 0.02745098, input 'x' "
                "takes whole numbers in 0..255");
}

TEST_CASE("mistakes in a data set are refused with file, line and key") {
  const Workplace place;
  place.write("a.yaml", "images: none.npy\nscales: 2\n");
  check_refused(place, {"run", kNet, "--json", "-", "--data", "a.yaml"}, 2,
                "a.yaml:2: scales: unknown key, expected images, inputs, labels, layout, pad, "
                "replicate, scale, mean or std");
  place.write("b.yaml", "images: none.npy\n");
  check_refused(place, {"run", kNet, "--json", "-", "--data", "b.yaml"}, 2,
                "none.npy: cannot open the .npy file");
  check_refused(place, {"run", kNet, "--json", "-", "--data", "c.yaml"}, 2,
                "c.yaml: cannot open the data set");
  check_refused(place, {"accuracy", kNet, "--data", "c.yaml"}, 2,
                "c.yaml: cannot open the data set");
}

TEST_CASE("a batch larger than the data set is refused") {
  const Workplace place;
  place.write("one.npy", numpy::to_npy(std::vector<float>(28 * 28), {1, 28, 28}));
  place.write("one.yaml", "images: one.npy\n");
  check_refused(place, {"run", kNet, "--json", "-", "--batch", "2", "--data", "one.yaml"}, 2,
                "one.yaml: holds 1 items, a batch of 2 needs as many");
  const CommandResult result = place.run({"accuracy", kNet, "--data", "one.yaml"});
  CHECK(result.err == "systole: one.yaml: labels: missing, accuracy needs one for each image\n");
  CHECK(result.exit_code == 2);
}

}  // namespace
}  // namespace systole
