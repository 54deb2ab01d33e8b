// SPDX-License-Identifier: Apache-2.0
// What bias correction gives trained networks, in images.
#include <catch2/catch.hpp>

#include "compiler/pipeline/float_network.h"
#include "compiler/pipeline/front.h"
#include "sim/report/classify.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
const fs::path kData = fs::path(SYSTOLE_SOURCE_DIR) / "tests/data";

/// LeNet's images of 1,000 that are classified as labelled, by widths, without and with correction.
std::pair<int, int> right_without_and_with(quant::LayerWidths widths) {
  const fs::path file = kData / "lenet_fmnist.onnx";
  const auto shape = pipeline::load_float_network(file).input_shape();
  const data::Dataset calibration = data::load_dataset(kData / "lenet_calib.yaml", shape);
  const data::Dataset test = data::load_dataset(kData / "lenet.yaml", shape);
  REQUIRE(test.items.size() == 1000);
  pipeline::FrontOptions options;
  options.calibration = &calibration;
  options.range_method = "mse";
  options.precision.widths = widths;
  const auto right = [&](bool corrected) {
    options.precision.bias_correction = corrected;
    int count = 0;
    report::classify(pipeline::compile_front(file, options), test,
                     [&](size_t item, const std::vector<float>& out) {
                       count += report::is_right(test, item, out);
                     });
    return count;
  };
  return {right(false), right(true)};
}

TEST_CASE("bias correction gives LeNet with 2-bit weights ten points back, and takes none at 8") {
  const auto [narrow, narrow_corrected] = right_without_and_with({2, 8});
  CHECK(narrow_corrected >= narrow + 100);
  const auto [wide, wide_corrected] = right_without_and_with({8, 8});
  CHECK(wide_corrected >= wide - 5);
}

}  // namespace
}  // namespace systole
