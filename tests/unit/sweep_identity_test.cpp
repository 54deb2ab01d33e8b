// SPDX-License-Identifier: Apache-2.0
// What a point of a sweep is known by.
#include <catch2/catch.hpp>
#include <functional>

#include "model/arch/arch.h"
#include "model/base/error.h"
#include "sim/sweep/front_half.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/machines.h"
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

/// A 1x1 convolution over a map whose size is open.
std::string network_of_any_size() {
  test::OnnxBuilder b;
  b.input("x", {1, 1, 4, 4});
  b.floats("w", {1, 1, 1, 1}, {1});
  b.node("Conv", {"x", "w"}, "y");
  b.output("y");
  auto* shape = b.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->mutable_dim(2)->set_dim_param("h");
  shape->mutable_dim(3)->set_dim_param("w");
  return b.bytes();
}

}  // namespace

TEST_CASE("points of one network with other shapes do not share what is made of it") {
  const test::ScratchFolder folder;
  sweep::SweepPoint small;
  small.file = folder.write("net.onnx", network_of_any_size());
  small.arch = "edge-16x16";
  small.shapes = {"x=1,1,4,4"};
  sweep::SweepPoint large = small;
  large.shapes = {"x=1,1,8,8"};
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  sweep::FrontHalves halves;
  halves.find(sweep::front_key(small, arch), small, arch);
  const sweep::FrontHalf& half = halves.find(sweep::front_key(large, arch), large, arch);
  CHECK(half.plan.outputs.at(0).type.dims == std::vector<int64_t>{1, 1, 8, 8});
}

TEST_CASE("whatever a front half is made by tells it apart") {
  const arch::ArchConfig arch = arch::load_arch("edge-16x16");
  const sweep::SweepPoint point;
  const std::string key = sweep::front_key(point, arch);
  const std::function<void(sweep::SweepPoint&)> changes[] = {
      [](auto& p) { p.file = "other.onnx"; },
      [](auto& p) { p.widths.weights = 4; },
      [](auto& p) { p.widths.activations = 4; },
      [](auto& p) { p.prune = "channel:0.5"; },
      [](auto& p) { p.batch = 2; },
      [](auto& p) { p.shapes = {"x=1,1,8,8"}; },
      [](auto& p) { p.choices.fuse = false; },
      [](auto& p) { p.calib_method = "mse"; },
      [](auto& p) { p.host_fallback = true; }};
  for (const auto& change : changes) {
    sweep::SweepPoint other = point;
    change(other);
    CHECK(sweep::front_key(other, arch) != key);
  }
}

TEST_CASE("hardware of what was read before is that of load_arch") {
  sweep::Machines machines;
  for (const std::vector<std::string>& set : std::vector<std::vector<std::string>>{
           {},
           {"array.rows=8", "clock_mhz=500", "array.rows=32"},
           {"memory.kind=ddr", "memory.preset=ddr4-2400", "ub.kib=64"}}) {
    sweep::SweepPoint point;
    point.arch = "edge-16x16";
    point.set = set;
    const arch::ArchConfig want = arch::load_arch(point.arch, set), got = machines.config(point);
    CHECK(got.name == want.name);
    CHECK(arch::to_yaml(got) == arch::to_yaml(want));
  }
  sweep::SweepPoint wrong;
  wrong.arch = "edge-16x16";
  wrong.set = {"array.rows=0"};
  CHECK_THROWS_AS(machines.config(wrong), Error);
}

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
