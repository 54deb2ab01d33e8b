// SPDX-License-Identifier: Apache-2.0
// .npy files and dataset.yaml: what is read, and what is said about broken ones.
#include <catch2/catch.hpp>

#include "compiler/compile.h"
#include "compiler/data/npy.h"
#include "model/arch/error.h"
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
    read_npy(path);
  } catch (const Error& error) {
    return std::string(error.what()).substr(path.string().size() + 2);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("arrays of every type and version are read") {
  const ScratchFolder folder;
  const NpyArray u8 =
      read_npy(folder.write("a.npy", npy("|u1", "(2, 3)", raw<uint8_t>({1, 2, 3, 4, 5, 255}))));
  CHECK(u8.shape == std::vector<int64_t>{2, 3});
  CHECK(u8.at(5) == 255);
  CHECK(read_npy(folder.write("a.npy", npy("<i4", "(1,)", raw<int32_t>({-7}), 2))).at(0) == -7);
  CHECK(read_npy(folder.write("a.npy", npy("<i8", "(2,)", raw<int64_t>({1, -9}), 3))).at(1) == -9);
  CHECK(read_npy(folder.write("a.npy", npy("<f4", "()", raw<float>({0.5f})))).at(0) == 0.5);
}

TEST_CASE("broken .npy files are refused with the reason") {
  const std::string one = raw<float>({1.0f});
  CHECK_THROWS_WITH(read_npy("/no/such.npy"), "/no/such.npy: cannot open the .npy file");
  CHECK(npy_refusal("") == "not an .npy file");
  CHECK(npy_refusal("PK\3\4 something else") == "not an .npy file");
  CHECK(npy_refusal(npy("<f4", "(1,)", one, 4)) == ".npy version 4, expected 1 to 3");
  CHECK(npy_refusal(npy("<f4", "(1,)", one).substr(0, 30)) == "broken .npy header");
  CHECK(npy_refusal(npy("<f8", "(1,)", one)) ==
        "element type '<f8', expected one of |i1, |u1, <i4, <i8, <f4");
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
  const Dataset data = load_dataset(yaml, {1, 2, 3, 4});
  REQUIRE(data.items.size() == 2);
  CHECK(data.labels == std::vector<int>{3, 4});
  // channel 0: x / 10; channel 1: (x / 10 - 1) / 2; both with a frame of pixels 0
  CHECK(data.items[0] == std::vector<float>{0,     0,     0,     0,     0,     1,
                                            2,     0,     0,     0,     0,     0,  //
                                            -0.5f, -0.5f, -0.5f, -0.5f, -0.5f, 0,
                                            0.5f,  -0.5f, -0.5f, -0.5f, -0.5f, -0.5f});
  const Dataset first = load_dataset(yaml, {1, 2, 3, 4}, 1);
  CHECK(first.items.size() == 1);
  CHECK(first.labels.size() == 1);
}

TEST_CASE("images in NHWC become NCHW items, and features take any image of as many pixels") {
  const ScratchFolder folder;
  folder.write("x.npy", npy("<f4", "(1, 1, 2, 2)", raw<float>({1, 2, 3, 4})));
  const auto nhwc = folder.write("d.yaml", "images: x.npy\nlayout: nhwc\n");
  CHECK(load_dataset(nhwc, {1, 2, 1, 2}).items[0] == std::vector<float>{1, 3, 2, 4});
  const auto nchw = folder.write("e.yaml", "images: x.npy\n");
  CHECK(load_dataset(nchw, {1, 4}).items[0] == std::vector<float>{1, 2, 3, 4});
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
  CHECK(load_dataset(nhwc, {1, 2, 3, 2}).items[0] == last);
  CHECK(load_dataset(nchw, {1, 2, 3, 2}).items[0] == last);
  CHECK(load_dataset(nhwc, {1, 2, 2, 3}).items[0] ==
        std::vector<float>({0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112}));
}

TEST_CASE("broken data sets are refused with file, line and key") {
  const ScratchFolder folder;
  folder.write("x.npy", npy("|u1", "(2, 2, 2)", std::string(8, 'x')));
  folder.write("y.npy", npy("|u1", "(3,)", "abc"));
  const auto refusal = [&](const std::string& text) {
    const auto path = folder.write("d.yaml", text);
    try {
      load_dataset(path, {1, 1, 2, 2});
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
        "d.yaml:2: lables: unknown key, expected images, labels, layout, pad, replicate, scale, "
        "mean or std");
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
