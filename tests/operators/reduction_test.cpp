// SPDX-License-Identifier: Apache-2.0
// ReduceMean, ReduceMax and ReduceSum over any dimensions but the batch. Expected values are those
// of loops over the indices.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/operators/harness.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

/// `x` of sizes `dims`, reduced over `axes`.
std::vector<float> reduced(const std::vector<float>& x, const Dims& dims,
                           const std::set<int64_t>& axes, const std::string& how) {
  std::map<int64_t, std::vector<float>> groups;  // by the index of the result
  for (size_t i = 0; i < x.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i), at = 0, stride = 1;
    for (size_t d = dims.size(); d-- > 0;) {
      const int64_t index = rest % dims[d];
      rest /= dims[d];
      if (axes.count(static_cast<int64_t>(d)) != 0) continue;
      at += index * stride;
      stride *= dims[d];
    }
    groups[at].push_back(x[i]);
  }
  std::vector<float> result;
  for (const auto& [at, group] : groups) {
    double sum = 0;
    for (float v : group) sum += v;
    const float most = *std::max_element(group.begin(), group.end());
    const double mean = sum / static_cast<double>(group.size());
    result.push_back(static_cast<float>(how == "ReduceMax"   ? most
                                        : how == "ReduceSum" ? sum
                                                             : mean));
  }
  return result;
}

/// All sets of dimensions from 1 on.
std::vector<Dims> choices(int64_t rank) {
  std::vector<Dims> all;
  for (int mask = 1; mask < 1 << (rank - 1); ++mask) {
    Dims axes;
    for (int64_t d = 1; d < rank; ++d)
      if ((mask >> (d - 1) & 1) != 0) axes.push_back(d);
    all.push_back(axes);
  }
  return all;
}

}  // namespace

TEST_CASE("reductions over any dimensions but the batch") {
  std::mt19937 rng(8);
  const std::vector<Dims> shapes = {{1, 6},       {2, 6},       {2, 3, 5},
                                    {1, 4, 3, 5}, {2, 3, 2, 3}, {1, 2, 3, 2, 4}};
  for (const Dims& dims : shapes) {
    for (const Dims& axes : choices(static_cast<int64_t>(dims.size()))) {
      for (const char* op : {"ReduceMean", "ReduceMax", "ReduceSum"}) {
        const bool keep = rng() % 2 == 0;
        OnnxBuilder b;
        b.input("x", dims).ints("axes", {static_cast<int64_t>(axes.size())}, axes);
        if (std::string(op) == "ReduceSum")
          b.node(op, {"x", "axes"}, "y").set("keepdims", keep ? 1 : 0);
        else
          b.node(op, {"x"}, "y").set("keepdims", keep ? 1 : 0).set("axes", axes);
        b.output("y");
        CAPTURE(op, dims, axes, keep);
        int64_t size = 1;
        for (int64_t d : dims) size *= d;
        const std::vector<float> x = random_floats(static_cast<size_t>(size), rng);
        const QuantisedNetwork network = check_network(b.bytes(), {x}, 1.5);
        const std::vector<float> want = reduced(x, dims, {axes.begin(), axes.end()}, op);
        const std::vector<float> got = network.outputs()[0];
        REQUIRE(got.size() == want.size());
        for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(want[i]).margin(1e-5));
        Dims kept;
        for (size_t d = 0; d < dims.size(); ++d) {
          const bool goes = std::count(axes.begin(), axes.end(), static_cast<int64_t>(d)) != 0;
          if (!goes || keep) kept.push_back(goes ? 1 : dims[d]);
        }
        const graph::QGraph& q = network.quantised();
        CHECK(q.tensors[static_cast<size_t>(q.outputs[0])].onnx_shape == kept);
      }
    }
  }
}

TEST_CASE("a reduction of a tensor with its channels last, between convolutions") {
  std::mt19937 rng(9);
  OnnxBuilder b;
  b.input("x", {1, 3, 4, 5}).random("w", {6, 3, 3, 3}, rng).random("v", {2, 1, 2, 2}, rng);
  b.node("Conv", {"x", "w"}, "c").set("pads", Dims{1, 1, 1, 1});
  b.node("Transpose", {"c"}, "t").set("perm", Dims{0, 2, 3, 1});
  b.node("ReduceMax", {"t"}, "m").set("axes", Dims{3}).set("keepdims", 1);
  b.node("Transpose", {"m"}, "u").set("perm", Dims{0, 3, 1, 2});
  b.node("Conv", {"u", "v"}, "y");
  b.output("y");
  check_network(b.bytes(), {random_floats(60, rng)}, 2.0);
}

TEST_CASE("a reduction over the batch is refused by name") {
  OnnxBuilder b;
  b.input("x", {1, 3, 4, 5});
  b.node("ReduceMean", {"x"}, "y").set("axes", Dims{0, 2});
  b.output("y");
  CHECK_THROWS_WITH(check_network(b.bytes(), {std::vector<float>(60)}),
                    Catch::Contains("node 'y_node' (ReduceMean): over the batch"));
}

}  // namespace systole::test
