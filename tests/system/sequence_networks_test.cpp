// SPDX-License-Identifier: Apache-2.0
// Networks that arrive quantised and need the host in many places, by another quantiser: ONNX
// Runtime's output bytes.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "compiler/data/npy.h"
#include "compiler/exec/qgraph_executor.h"
#include "compiler/pipeline/plan.h"
#include "tests/compile.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";
constexpr int64_t kImages = 16, kPixels = 28 * 28;  // of the expected outputs

/// The output's codes of the first test images, less ONNX Runtime's.
std::vector<int> bytes_apart(const std::string& name, const values::Dims& shape, double scale,
                             int zero) {
  const pipeline::NetworkPlan plan = compile_staged(kData / "sequence" / (name + ".onnx"), {});
  const data::NpyArray images = data::read_npy(kData / "fmnist_test_images_u8.npy");
  const data::NpyArray expected = data::read_npy(kData / "sequence" / (name + ".expected.npy"));
  std::vector<int> apart;
  for (int64_t i = 0; i < kImages; ++i) {
    values::Literal x;
    x.dims = shape;
    for (int64_t p = 0; p < kPixels; ++p)
      x.floats.push_back(static_cast<float>(images.at(i * kPixels + p)) / 255.0f);
    std::vector<pipeline::HostValues> items = {{{plan.inputs.at(0).name, x}}};
    pipeline::run_plan(plan, items, [&](size_t s, const std::vector<std::vector<int8_t>>& inputs) {
      return exec::run_qgraph(*plan.stages[s].device, inputs);
    });
    const values::Literal& y = items[0].at(plan.outputs.at(0).name);
    for (int64_t k = 0; k < y.size(); ++k) {
      const auto code = std::lround(double{y.floats[static_cast<size_t>(k)]} / scale) + zero;
      apart.push_back(static_cast<int>(code) - static_cast<int>(expected.at(i * y.size() + k)));
    }
  }
  return apart;
}

const std::vector<int> kNone(kImages * 10, 0);

}  // namespace

TEST_CASE("a quantised transformer gives ONNX Runtime's bytes") {
  // Biases are added to rounded products: 32 sums with a constant between two roundings.
  CHECK(bytes_apart("vit_fmnist_qdq", {1, 1, 28, 28}, 0.03166522458195686, 89) == kNone);
}

TEST_CASE("a quantised transformer whose layer norms are in pieces gives ONNX Runtime's bytes") {
  // The host computes the pieces up to the next rounding.
  CHECK(bytes_apart("vit_fmnist_op13_qdq", {1, 28, 28}, 0.03166522458195686, 89) == kNone);
}

}  // namespace systole
