// SPDX-License-Identifier: Apache-2.0
// .npy files and dataset.yaml: what is read, and what is said about broken ones.
#include "compiler/data/dataset.h"

#include <catch2/catch.hpp>

#include "compiler/data/npy.h"
#include "model/base/error.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

using test::ScratchFolder;

/// An .npy file of `version`.
std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                int version = 1, const std::string& order = "False") {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  const size_t length = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(length >> (8 * i));
  return file + header + data;
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

/// The message about `bytes` as a.npy, the folder cut off.
std::string npy_refusal(const std::string& bytes) {
  const ScratchFolder folder;
  const auto path = folder.write("a.npy", bytes);
  try {
    data::read_npy(path);
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.string().size() + 2);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("arrays of every type and version are read") {
  const ScratchFolder folder;
  const data::NpyArray u8 = data::read_npy(
      folder.write("a.npy", npy("|u1", "(2, 3)", raw<uint8_t>({1, 2, 3, 4, 5, 255}))));
  CHECK(u8.shape == std::vector<int64_t>{2, 3});
  CHECK(u8.at(5) == 255);
  CHECK(data::read_npy(folder.write("a.npy", npy("<i4", "(1,)", raw<int32_t>({-7}), 2))).at(0) ==
        -7);
  CHECK(data::read_npy(folder.write("a.npy", npy("<i8", "(2,)", raw<int64_t>({1, -9}), 3))).at(1) ==
        -9);
  CHECK(data::read_npy(folder.write("a.npy", npy("<f4", "()", raw<float>({0.5f})))).at(0) == 0.5);
  const auto one = [&](const char* type, const std::string& bytes) {
    return data::read_npy(folder.write("a.npy", npy(type, "(1,)", bytes)));
  };
  CHECK(one("|b1", raw<uint8_t>({1})).at(0) == 1);
  CHECK(one("<i2", raw<int16_t>({-300})).at(0) == -300);
  CHECK(one("<u2", raw<uint16_t>({65535})).at(0) == 65535);
  CHECK(one("<u4", raw<uint32_t>({1u << 31})).at(0) == 2147483648.0);
  CHECK(one("<u8", raw<uint64_t>({uint64_t{1} << 40})).at(0) == 1099511627776.0);
  CHECK(one("<f2", raw<uint16_t>({0xc100})).at(0) == -2.5);  // 1 10000 0100000000
  CHECK(one("<f8", raw<double>({0.1})).at(0) == 0.1);
  CHECK(one("|b1", raw<uint8_t>({1})).is_integer());
  CHECK(!one("<f2", raw<uint16_t>({0})).is_integer());
}

TEST_CASE("broken .npy files are refused with the reason") {
  const std::string one = raw<float>({1.0f});
  CHECK_THROWS_WITH(data::read_npy("/no/such.npy"), "/no/such.npy: cannot open the .npy file");
  CHECK(npy_refusal("") == "not an .npy file");
  CHECK(npy_refusal("PK\3\4 something else") == "not an .npy file");
  CHECK(npy_refusal(npy("<f4", "(1,)", one, 4)) == ".npy version 4, expected 1 to 3");
  CHECK(npy_refusal(npy("<f4", "(1,)", one).substr(0, 30)) == "broken .npy header");
  CHECK(npy_refusal(npy("<c8", "(1,)", one)) ==
        "element type '<c8', expected bool, integers of 1 to 8 bytes or floats of 2 to 8 "
        "(little-endian)");
  CHECK(npy_refusal(npy(">f4", "(1,)", one)).substr(0, 19) == "element type '>f4',");
  CHECK(npy_refusal(npy("<f4", "(1,)", one, 1, "True")) ==
        "fortran_order is 'True', expected False");
  CHECK(npy_refusal(npy("<f4", "(2,)", one)) ==
        "holds 4 bytes of elements, expected 8 for its shape");
  CHECK(npy_refusal(npy("<f4", "(1,)", one + one)) ==
        "holds 8 bytes of elements, expected 4 for its shape");
  CHECK(npy_refusal(npy("<f4", "(-1,)", one)) == "shape (-1,) is not a list of sizes");
  CHECK(npy_refusal(npy("<f4", "(99999999, 99999999, 99999999)", one)) ==
        "the shape is absurdly large");
}

TEST_CASE("a data set pads, scales, normalises and replicates") {
  const ScratchFolder folder;
  folder.write("x.npy", npy("|u1", "(2, 1, 2)", raw<uint8_t>({10, 20, 30, 40})));
  folder.write("y.npy", npy("<i8", "(2,)", raw<int64_t>({3, 4})));
  const auto yaml = folder.write("d.yaml",
                                 "images: x.npy\nlabels: y.npy\nscale: 1/10\npad: 1\nreplicate: 2\n"
                                 "mean: [0, 1]\nstd: [1, 2]\n");
  const data::Dataset data = data::load_dataset(yaml, {1, 2, 3, 4});
  REQUIRE(data.items.size() == 2);
  CHECK(data.labels == std::vector<int>{3, 4});
  // channel 0: x / 10; channel 1: (x / 10 - 1) / 2; both with a frame of pixels 0
  CHECK(data.items[0][0] == std::vector<float>{0,     0,     0,     0,     0,     1,
                                               2,     0,     0,     0,     0,     0,  //
                                               -0.5f, -0.5f, -0.5f, -0.5f, -0.5f, 0,
                                               0.5f,  -0.5f, -0.5f, -0.5f, -0.5f, -0.5f});
  const data::Dataset first = data::load_dataset(yaml, {1, 2, 3, 4}, 1);
  CHECK(first.items.size() == 1);
  CHECK(first.labels.size() == 1);
}

TEST_CASE("images in NHWC become NCHW items, and features take any image of as many pixels") {
  const ScratchFolder folder;
  folder.write("x.npy", npy("<f4", "(1, 1, 2, 2)", raw<float>({1, 2, 3, 4})));
  const auto nhwc = folder.write("d.yaml", "images: x.npy\nlayout: nhwc\n");
  CHECK(data::load_dataset(nhwc, {1, 2, 1, 2}).items[0][0] == std::vector<float>{1, 3, 2, 4});
  const auto nchw = folder.write("e.yaml", "images: x.npy\n");
  CHECK(data::load_dataset(nchw, {1, 4}).items[0][0] == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE(
    "a data set of several inputs has a recipe for each, by name and in the network's order") {
  const ScratchFolder folder;
  folder.write("rgb.npy", npy("|u1", "(2, 1, 2, 3)",
                              raw<uint8_t>({1, 2, 3, 4, 5, 6,  //
                                            7, 8, 9, 10, 11, 12})));
  folder.write("ids.npy", npy("<i8", "(2, 2)", raw<int64_t>({7, -8, 9, 10})));
  folder.write("rows.npy", npy("<f2", "(2, 1, 2)", raw<uint16_t>({0x3c00, 0x4000, 0, 0x3800})));
  folder.write("y.npy", npy("|u1", "(2,)", raw<uint8_t>({3, 4})));
  const auto yaml = folder.write("d.yaml",
                                 "labels: y.npy\n"
                                 "inputs:\n"
                                 "  ids: {images: ids.npy}\n"
                                 "  rows: {images: rows.npy}\n"
                                 "  rgb: {images: rgb.npy, layout: nhwc, scale: 1/2}\n");
  const std::vector<data::NetworkInput> inputs = {
      {"rgb", {1, 3, 1, 2}}, {"ids", {1, 2}, data::kAnyWholeNumber}, {"rows", {1, 1, 2}}};
  const data::Dataset data = data::load_dataset(yaml, inputs);
  CHECK(data.labels == std::vector<int>{3, 4});
  REQUIRE(data.items.size() == 2);
  CHECK(data.items[0] == data::Item{{0.5f, 2, 1, 2.5f, 1.5f, 3}, {7, -8}, {1, 2}});
  CHECK(data.items[1] == data::Item{{3.5f, 5, 4, 5.5f, 4.5f, 6}, {9, 10}, {0, 0.5f}});
}

TEST_CASE("mistakes in a data set of several inputs are told with input and key") {
  const ScratchFolder folder;
  folder.write("a.npy", npy("|u1", "(2, 3)", raw<uint8_t>({1, 2, 3, 4, 5, 6})));
  folder.write("b.npy", npy("|u1", "(1, 3)", raw<uint8_t>({1, 2, 3})));
  const std::vector<data::NetworkInput> inputs = {{"left", {1, 3}},
                                                  {"right", {1, 3}, data::WholeNumbers{0, 5}}};
  const auto refusal = [&](const std::string& text) {
    const auto path = folder.write("d.yaml", text);
    try {
      data::load_dataset(path, inputs);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      std::string message = error.what();
      const std::string prefix = folder.path().string() + "/";
      for (size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
        message.erase(at, prefix.size());
      return message;
    }
    return std::string("accepted");
  };
  CHECK(refusal("images: a.npy\n") ==
        "d.yaml: images: the network has 2 inputs, expected inputs: with an entry for each of "
        "'left', 'right'");
  CHECK(refusal("inputs:\n  left: {images: a.npy}\n") ==
        "d.yaml: inputs: nothing given for input 'right'");
  CHECK(refusal("inputs:\n  left: {images: a.npy}\n  up: {images: a.npy}\n") ==
        "d.yaml: inputs.up: not an input of the network, expected 'left', 'right'");
  CHECK(refusal("inputs: a.npy\n") ==
        "d.yaml:1: inputs: expected a map of inputs, NAME: {images: FILE.npy, ...}");
  CHECK(refusal("inputs:\n  left: a.npy\n") == "d.yaml:2: inputs.left: expected a map of keys");
  CHECK(refusal("inputs:\n  left: {scale: 2}\n") == "d.yaml:2: inputs.left.images: missing");
  CHECK(refusal("inputs:\n  left: {images: a.npy, labels: b.npy}\n") ==
        "d.yaml:2: inputs.left.labels: unknown key, expected images, layout, pad, replicate, "
        "scale, mean or std");
  CHECK(refusal("inputs:\n  left: {images: a.npy, images: b.npy}\n") ==
        "d.yaml:2: inputs.left.images: given twice");
  CHECK(refusal("inputs:\n  left: {images: a.npy}\nscale: 2\n") ==
        "d.yaml:3: scale: given together with inputs, expected it there");
  CHECK(refusal("inputs:\n  left: {images: a.npy}\n  right: {images: b.npy}\n") ==
        "d.yaml: inputs.right.images: b.npy holds 1 items, a.npy holds 2");
  CHECK(refusal("inputs:\n  left: {images: a.npy}\n  right: {images: a.npy}\n") ==
        "a.npy: image 1 after preprocessing: element 2 is 6, input 'right' takes whole numbers in "
        "0..5");
  CHECK(refusal("inputs:\n  left: {images: a.npy}\n  right: {images: a.npy, scale: 1/255}\n")
            .find("element 0 is 0.0039") != std::string::npos);
  CHECK(refusal("inputs:\n  left: {images: a.npy, mean: [1, 2]}\n  right: {images: a.npy}\n") ==
        "d.yaml: inputs.left.mean: 2 values for 3 channels");
}

TEST_CASE("a network that takes its channels last gets them so, whatever the images have") {
  const ScratchFolder folder;
  // Pixel (h, w) of channel c is 100 * c + 10 * h + w.
  folder.write("last.npy", npy("|u1", "(1, 2, 3, 2)",
                               raw<uint8_t>({0, 100, 1, 101, 2, 102, 10, 110, 11, 111, 12, 112})));
  folder.write("first.npy", npy("|u1", "(1, 2, 2, 3)",
                                raw<uint8_t>({0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112})));
  const std::vector<float> last = {0, 100, 1, 101, 2, 102, 10, 110, 11, 111, 12, 112};
  const auto nhwc = folder.write("nhwc.yaml", "images: last.npy\nlayout: nhwc\n");
  const auto nchw = folder.write("nchw.yaml", "images: first.npy\nlayout: nchw\n");
  CHECK(data::load_dataset(nhwc, {1, 2, 3, 2}).items[0][0] == last);
  CHECK(data::load_dataset(nchw, {1, 2, 3, 2}).items[0][0] == last);
  CHECK(data::load_dataset(nhwc, {1, 2, 2, 3}).items[0][0] ==
        std::vector<float>({0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112}));
}

TEST_CASE("broken data sets are refused with file, line and key") {
  const ScratchFolder folder;
  folder.write("x.npy", npy("|u1", "(2, 2, 2)", std::string(8, 'x')));
  folder.write("y.npy", npy("|u1", "(3,)", "abc"));
  const auto refusal = [&](const std::string& text) {
    const auto path = folder.write("d.yaml", text);
    try {
      data::load_dataset(path, {1, 1, 2, 2});
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      const std::string message = error.what(), prefix = folder.path().string() + "/";
      return message.substr(message.find(prefix) == 0 ? prefix.size() : 0);
    }
    return std::string("accepted");
  };
  CHECK(refusal("images: x.npy\n") == "accepted");
  CHECK(refusal("labels: y.npy\n") == "d.yaml: images: missing");
  CHECK(refusal("images: x.npy\nlables: y.npy\n") ==
        "d.yaml:2: lables: unknown key, expected images, inputs, labels, layout, pad, replicate, "
        "scale, mean or std");
  CHECK(refusal("images: x.npy\nimages: x.npy\n") == "d.yaml:2: images: given twice");
  CHECK(refusal("images: x.npy\npad: -1\n") ==
        "d.yaml:2: pad: '-1', expected a whole number in 0..1024");
  CHECK(refusal("images: x.npy\nscale: fast\n") ==
        "d.yaml:2: scale: 'fast', expected a number or a quotient such as 1/255");
  CHECK(refusal("images: x.npy\nscale: .nan\n") ==
        "d.yaml:2: scale: '.nan', expected a number or a quotient such as 1/255");
  CHECK(refusal("images: x.npy\nstd: 0\n") == "d.yaml:2: std: 0, expected another number");
  CHECK(refusal("images: x.npy\nlayout: whc\n") ==
        "d.yaml:2: layout: 'whc', expected nf, nhw, nhwc or nchw");
  CHECK(refusal("images: x.npy\nmean: [1, 2]\n") == "d.yaml: mean: 2 values for 1 channels");
  CHECK(refusal("images: x.npy\npad: 1\n") ==
        "x.npy: images are [1, 1, 4, 4] after preprocessing, the network expects [1, 1, 2, 2]");
  CHECK(refusal("images: x.npy\nlayout: nhwc\n") == "x.npy: shape [2, 2, 2] is not nhwc");
  CHECK(refusal("images: x.npy\nlabels: y.npy\n") == "y.npy: holds 3 labels for 2 images");
  CHECK(refusal("images: [x.npy\n").substr(0, 19) == "d.yaml:2: not YAML:");
  CHECK(refusal("- images\n") == "d.yaml: expected a map of keys");
  CHECK(refusal("images: none.npy\n") == "none.npy: cannot open the .npy file");
}

}  // namespace systole
