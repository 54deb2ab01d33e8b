// SPDX-License-Identifier: Apache-2.0
// What a point of a sweep is known by.
#include <catch2/catch.hpp>

#include "sim/sweep/identity.h"
#include "tests/unit/onnx_builder.h"

namespace systole {
namespace {

/// A convolution whose weights stand in weights.bin.
std::string network_beside_weights() {
  test::OnnxBuilder b;
  b.input("x", {1, 2, 3, 3});
  b.floats("w", {1, 2, 1, 1}, {});
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  onnx::TensorProto* w = b.graph().mutable_initializer(0);
  w->set_data_location(onnx::TensorProto::EXTERNAL);
  onnx::StringStringEntryProto* location = w->add_external_data();
  location->set_key("location");
  location->set_value("weights.bin");
  return b.bytes();
}

}  // namespace

TEST_CASE("a point is another one if the weights beside its network change") {
  const test::ScratchFolder folder;
  sweep::SweepPoint point;
  point.file = folder.write("net.onnx", network_beside_weights());
  point.arch = "edge-16x16";
  const auto identity = [&] { return sweep::Identifier().configuration(point).identity; };

  folder.write("weights.bin", "12345678");
  const std::string first = identity();
  CHECK(identity() == first);
  folder.write("weights.bin", "12345679");
  const std::string second = identity();
  CHECK(second != first);
  std::filesystem::remove(point.file.parent_path() / "weights.bin");
  CHECK(identity() != second);
}

}  // namespace systole
