// SPDX-License-Identifier: Apache-2.0
// Gemm's factors and shapes of C, on integers: every byte by its formula.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/front.h"
#include "model/base/error.h"
#include "tests/compile.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {
namespace {

constexpr int kFeatures = 5, kOutputs = 4;
constexpr float kX = 0.02f, kW = 0.01f, kC = 0.003f, kY = 0.05f;

/// x -> Q -> DQ -> Gemm -> Q -> DQ -> y; W and C behind DequantizeLinear, C of int32.
struct Quantised {
  OnnxBuilder b{13};
  std::vector<int> w, c;

  Quantised(const Dims& c_dims, bool transposed) {
    b.input("x", {1, kFeatures});
    const auto scheme = [&](const std::string& name, float scale, int type) {
      b.floats(name + "_s", {}, {scale});
      integers(name + "_z", {}, type, {0});
      return std::vector<std::string>{name, name + "_s", name + "_z"};
    };
    scheme("x", kX, onnx::TensorProto::INT8);
    scheme("y", kY, onnx::TensorProto::INT8);
    std::mt19937 random(3);
    for (int i = 0; i < kFeatures * kOutputs; ++i)
      w.push_back(static_cast<int>(random() % 256) - 128);
    w[0] = -128;  // its negative is no byte
    int64_t count = 1;
    for (int64_t d : c_dims) count *= d;
    for (int i = 0; i < count; ++i) c.push_back(static_cast<int>(random() % 1000) - 500);
    integers("W", transposed ? Dims{kOutputs, kFeatures} : Dims{kFeatures, kOutputs},
             onnx::TensorProto::INT8, w);
    integers("C", c_dims, onnx::TensorProto::INT32, c);
    b.node("QuantizeLinear", {"x", "x_s", "x_z"}, "xq");
    b.node("DequantizeLinear", {"xq", "x_s", "x_z"}, "xr");
    b.node("DequantizeLinear", scheme("W", kW, onnx::TensorProto::INT8), "wr");
    b.node("DequantizeLinear", scheme("C", kC, onnx::TensorProto::INT32), "cr");
  }

  std::vector<int8_t> run(float alpha, float beta, bool transposed, const std::vector<int8_t>& x) {
    b.node("Gemm", {"xr", "wr", "cr"}, "m")
        .set("alpha", alpha)
        .set("beta", beta)
        .set("transB", transposed ? 1 : 0);
    b.node("QuantizeLinear", {"m", "y_s", "y_z"}, "yq");
    b.node("DequantizeLinear", {"yq", "y_s", "y_z"}, "y");
    b.output("y");
    const ScratchFolder folder;
    return exec::run_qgraph(compile_graph(folder.write("net.onnx", b.bytes()), {}), x).at(0);
  }

  int want(size_t o, float alpha, float beta, bool transposed, const std::vector<int8_t>& x) const {
    int64_t sum = 0;
    for (size_t i = 0; i < kFeatures; ++i)
      sum += x[i] * w[transposed ? o * kFeatures + i : i * kOutputs + o];
    const double real = double{alpha} * static_cast<double>(sum) * kX * kW +
                        double{beta} * c[c.size() == 1 ? 0 : o] * kC;
    return static_cast<int>(std::clamp(std::nearbyint(real / kY), -128.0, 127.0));
  }

 private:
  void integers(const std::string& name, const Dims& dims, int type,
                const std::vector<int>& values) {
    onnx::TensorProto* t = b.graph().add_initializer();
    t->set_name(name);
    t->set_data_type(type);
    for (int64_t d : dims) t->add_dims(d);
    for (int v : values) t->add_int32_data(v);
  }
};

}  // namespace

TEST_CASE("Gemm of integers: alpha, beta, transB and every shape of C are exact") {
  std::mt19937 random(7);
  for (const bool transposed : {false, true}) {
    for (const float alpha : {1.0f, 0.5f, -1.0f, 2.5f, 0.0f}) {
      for (const float beta : {1.0f, 0.5f, -2.0f, 0.0f}) {
        for (const Dims& dims : std::vector<Dims>{{}, {1}, {kOutputs}, {1, kOutputs}, {1, 1}}) {
          Quantised net(dims, transposed);
          std::vector<int8_t> x;
          for (int i = 0; i < kFeatures; ++i)
            x.push_back(static_cast<int8_t>(static_cast<int>(random() % 256) - 128));
          const std::vector<int8_t> got = net.run(alpha, beta, transposed, x);
          for (size_t o = 0; o < kOutputs; ++o) {
            CAPTURE(transposed, alpha, beta, dims, o);
            CHECK(int{got[o]} == net.want(o, alpha, beta, transposed, x));
          }
        }
      }
    }
  }
}

TEST_CASE("a C of several rows is refused, and so is transA") {
  const auto refusal = [](const Dims& c, int trans_a) {
    OnnxBuilder b(13);
    b.input("x", {2, 3}).floats("w", {3, 2}, {1, 2, 3, 4, 5, 6});
    int64_t count = 1;
    for (int64_t d : c) count *= d;
    b.floats("c", c, std::vector<float>(static_cast<size_t>(count), 1.0f));
    b.node("Gemm", {"x", "w", "c"}, "y").set("transA", trans_a);
    b.output("y");
    const ScratchFolder folder;
    try {
      compile_graph(folder.write("net.onnx", b.bytes()), {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  CHECK_THAT(refusal({2, 2}, 0), Catch::Contains("node 'y_node' (Gemm): bias of shape [2, 2], "
                                                 "expected one value a feature"));
  CHECK_THAT(refusal({2, 1}, 0), Catch::Contains("bias of shape [2, 1]"));
  CHECK_THAT(refusal({2}, 1), Catch::Contains("transA = 1, which would mix the items of a batch"));
  CHECK(refusal({1, 2}, 0) == "taken");
}

TEST_CASE("a batch normalisation that trains is refused in every opset") {
  for (const int opset : {9, 13, 14, 15}) {
    OnnxBuilder b(opset);
    b.input("x", {1, 2, 3, 3}).floats("one", {2}, {1, 1}).floats("zero", {2}, {0, 0});
    auto node = b.node("BatchNormalization", {"x", "one", "zero", "zero", "one"}, "y");
    if (opset >= 14) node.set("training_mode", 1);
    const int outputs = opset >= 14 ? 2 : 4;
    for (int i = 0; i < outputs; ++i)
      b.graph().mutable_node(0)->add_output("statistic" + std::to_string(i));
    b.output("y");
    const ScratchFolder folder;
    CHECK_THROWS_WITH(compile_graph(folder.write("net.onnx", b.bytes()), {}),
                      Catch::Contains("node 'y_node' (BatchNormalization): training mode"));
  }
}

}  // namespace systole::test
