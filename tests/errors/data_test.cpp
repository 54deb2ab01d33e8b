// SPDX-License-Identifier: Apache-2.0
// Broken data: .npy of the wrong shape or type, data sets with mistakes.
#include <catch2/catch.hpp>
#include <limits>

#include "sim/cli/npy_writer.h"
#include "tests/errors/command.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

const std::string kNet = test_data_path("lenet_fmnist.onnx");

TEST_CASE("an .npy of the wrong shape, type or content is refused") {
  const Workplace place;
  place.write("shape.npy", to_npy(std::vector<float>(28 * 28), {1, 28, 28, 1}));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "shape.npy"}, 2,
                "shape.npy: shape [1, 28, 28, 1], expected [1, 1, 28, 28]");
  place.write("type.npy", to_npy(std::vector<int8_t>(28 * 28), {1, 1, 28, 28}));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "type.npy"}, 2,
                "type.npy: holds integers, expected float32 values as the network takes them");
  const std::string good = to_npy(std::vector<float>(28 * 28), {1, 1, 28, 28});
  place.write("cut.npy", std::string_view(good).substr(0, good.size() - 4));
  check_refused(place, {"run", kNet, "--json", "-", "--input", "cut.npy"}, 2,
                "cut.npy: holds 3132 bytes of elements, expected 3136 for its shape");
  place.write("text.npy", "hello");
  check_refused(place, {"run", kNet, "--json", "-", "--input", "text.npy"}, 2,
                "text.npy: not an .npy file");
  std::vector<float> nan(28 * 28);
  nan[5] = std::numeric_limits<float>::infinity();
  place.write("nan.npy", to_npy(nan, {1, 1, 28, 28}));
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
  place.write("a.npy", to_npy(std::vector<float>{1, 2, 3, 4}, {1, 4}));
  place.write("b.npy", to_npy(std::vector<float>{4, 2, 0, -2}, {1, 4}));
  place.write("c.npy", to_npy(std::vector<float>{1, 2}, {1, 2}));
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

TEST_CASE("mistakes in a data set are refused with file, line and key") {
  const Workplace place;
  place.write("a.yaml", "images: none.npy\nscales: 2\n");
  check_refused(place, {"run", kNet, "--json", "-", "--data", "a.yaml"}, 2,
                "a.yaml:2: scales: unknown key, expected images, labels, layout, pad, replicate, "
                "scale, mean or std");
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
  place.write("one.npy", to_npy(std::vector<float>(28 * 28), {1, 28, 28}));
  place.write("one.yaml", "images: one.npy\n");
  check_refused(place, {"run", kNet, "--json", "-", "--batch", "2", "--data", "one.yaml"}, 2,
                "one.yaml: holds 1 items, a batch of 2 needs as many");
  const CommandResult result = place.run({"accuracy", kNet, "--data", "one.yaml"});
  CHECK(result.err == "systole: one.yaml: labels: missing, accuracy needs one for each image\n");
  CHECK(result.exit_code == 2);
}

}  // namespace
}  // namespace systole
