// SPDX-License-Identifier: Apache-2.0
// Trained networks with the compiler's choices off: outputs are those of the quantised graph, and
// where the network's own roundings allow no others, those that the choices give.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/choices_off.h"
#include "tests/system/sound_run.h"

namespace systole {
namespace {

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

SoundRun run(const std::string& network, const std::string& data, const choices::Choices& choices,
             const std::string& engine = "model") {
  session::NetworkRequest request;
  request.network = kData / network;
  request.data = kData / data;
  request.choices = choices;
  return run_soundly(request, arch::load_arch("edge-16x16"), engine);
}

/// `exact`: no choice moves a byte of the outputs.
void check_choices(const std::string& network, const std::string& data, bool exact) {
  const SoundRun usual = run(network, data, {});
  for (const choices::Choices& off : each_choice_off()) {
    INFO(network << " " << choices::to_text(off));
    const SoundRun other = run(network, data, off);
    if (exact || off.fuse) CHECK(other.run.stored.at(0).stored == usual.run.stored.at(0).stored);
    CHECK(other.run.report.layers.size() >= usual.run.report.layers.size());
    // Adds and activations are layers then.
    CHECK((other.run.report.layers.size() > usual.run.report.layers.size()) == !off.fuse);
  }
}

}  // namespace

TEST_CASE("networks give the same bytes whichever of the compiler's choices are off") {
  check_choices("lenet_fmnist.onnx", "lenet.yaml", true);
  check_choices("mlp_fmnist.onnx", "mlp.yaml", true);
  check_choices("quantised/lenet_qdq_u8s8_perchannel.onnx", "lenet.yaml", true);
  check_choices("quantised/resnet8_qdq_fusedadd.onnx", "resnet8.yaml", true);
  check_choices("lowbit/lenet_fmnist_w1a1.qonnx.onnx", "lenet.yaml", true);
  check_choices("pruned/lenet_fmnist_2to4.onnx", "lenet.yaml", true);
}

TEST_CASE("residual adds that are operators of their own round once more, and are right") {
  check_choices("resnet8_fmnist.onnx", "resnet8.yaml", false);
  check_choices("pruned/resnet8_fmnist_chan50.onnx", "resnet8.yaml", false);
  const SoundRun apart = run("resnet8_fmnist.onnx", "resnet8.yaml", {.fuse = false});
  const SoundRun fused = run("resnet8_fmnist.onnx", "resnet8.yaml", {});
  const auto adds = [](const SoundRun& ran) {
    return std::count_if(ran.run.report.layers.begin(), ran.run.report.layers.end(),
                         [](const report::LayerReport& layer) { return layer.op == "add"; });
  };
  CHECK(adds(fused) == 0);
  CHECK(adds(apart) == 3);
}

TEST_CASE("LeNet with each of the compiler's choices off is equal on both engines") {
  for (const choices::Choices& off : each_choice_off()) {
    INFO(choices::to_text(off));
    run("lenet_fmnist.onnx", "lenet.yaml", off, "both");
  }
}

}  // namespace systole
