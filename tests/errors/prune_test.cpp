// SPDX-License-Identifier: Apache-2.0
// Requests to prune that cannot be fulfilled: one line, exit code not 0.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kLeNet = test_data_path("lenet_fmnist.onnx");

void check_prune(const std::string& request, int exit_code, const std::string& message) {
  const Workplace place;
  check_refused(place, {"compile", kLeNet, "--prune", request}, exit_code, message);
}

TEST_CASE("what --prune does not know is named") {
  check_prune("magic:0.5", 2,
              "--prune magic:0.5: unknown kind 'magic', expected unstructured, "
              "global-unstructured, nm, block, vector, kernel, channel, lowrank or codebook");
  const std::string kinds =
      "expected unstructured, global-unstructured, nm, block, vector, kernel, channel, lowrank or "
      "codebook, did you mean ";
  check_prune("channels:0.5", 2,
              "--prune channels:0.5: unknown kind 'channels', " + kinds + "'channel'?");
  check_prune("low-rank:0.5", 2,
              "--prune low-rank:0.5: unknown kind 'low-rank', " + kinds + "'lowrank'?");
  check_prune("2:4", 2, "--prune 2:4: unknown kind '2', " + kinds + "'nm:2:4'?");
  check_prune("unstructured:1.5", 2, "--prune unstructured:1.5: amount 1.5 is outside (0, 1)");
  check_prune("nm:2:8", 2, "--prune nm:2:8: expected nm:2:4, nm:1:4 or nm:1:2");
  check_prune("codebook:300", 2, "--prune codebook:300: values '300', expected 4..16");
}

TEST_CASE("layers that --prune does not find or cannot prune are named") {
  check_prune("kernel:0.5@conv9*", 2,
              kLeNet +
                  ": --prune kernel:0.5@conv9*: 'conv9*' matches no convolution or gemm of "
                  "the network");
  check_prune("nm:2:4@*conv1*", 2,
              kLeNet +
                  ": --prune nm:2:4@*conv1*: none of the layers named can be pruned so: "
                  "'/conv1/Conv' (1 input channels are not a multiple of 4)");
  check_prune("channel:0.5@*fc3*", 2,
              kLeNet +
                  ": --prune channel:0.5@*fc3*: no layer can lose channels: '/fc3/Gemm' (its "
                  "channels are bound to an input, an output or a convolution in groups)");
  check_prune("channel:0.5:gamma", 2,
              kLeNet +
                  ": --prune channel:0.5:gamma: layer '/conv2/Conv' has no batch normalisation "
                  "behind it, expected criterion l1, l2 or activation");
  check_prune("channel:0.5:activation", 2,
              kLeNet +
                  ": --prune channel:0.5:activation: activations come from data, expected "
                  "--calib");
}

TEST_CASE("zeros need weights that have one") {
  const Workplace place;
  check_refused(place, {"compile", kLeNet, "--prune", "unstructured:0.5", "--weights", "1"}, 3,
                kLeNet +
                    ": layer '/conv2/Conv': 1-bit weights have no zero, which --prune needs; "
                    "expected 2 bits or more");
}

TEST_CASE("only networks are pruned") {
  const Workplace place;
  place.write("layers.csv", "Layer, M, N, K,\nfc, 1, 8, 8,\n");
  check_refused(place, {"run", "--topology", "layers.csv", "--prune", "unstructured:0.5"}, 2,
                "--prune: a topology has no weights, expected an ONNX file");
  REQUIRE(place.run({"compile", kLeNet, "-o", "net.sysb"}).exit_code == 0);
  place.write("net.sysb", [&] {
    std::ifstream file(place.path() / "net.sysb", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }());
  check_refused(place, {"run", "net.sysb", "--prune", "unstructured:0.5"}, 2,
                "--prune: a program file is already compiled, expected an ONNX file");
  check_refused(place, {"run", "net.sysb", "--sparsity"}, 2,
                "--sparsity: a program file has no weights to look at, expected an ONNX file");
  check_refused(place, {"run", "--topology", "layers.csv", "--sparsity"}, 2,
                "--sparsity: a topology has no weights to look at, expected an ONNX file");
  check_refused(place, {"compile", kLeNet, "--json", "-", "--dump-ir"}, 2,
                "--json -: standard output cannot also take --dump-ir");
}

}  // namespace
}  // namespace systole
