// SPDX-License-Identifier: Apache-2.0
// --dump-tensors, --layers and --calib-steps where they cannot be had.
#include <catch2/catch.hpp>

#include "tests/errors/command.h"

namespace systole {
namespace {

const std::string kLeNet = test_data_path("lenet_fmnist.onnx");
const std::string kData = test_data_path("lenet.yaml");
const std::string kCalibration = test_data_path("lenet_calib.yaml");

TEST_CASE("tensors are dumped of runs with data, of networks, into a directory of their own") {
  const Workplace place;
  check_refused(place, {"run", kLeNet, "--dump-tensors", "t"}, 2,
                "--dump-tensors: a run that is timing only has no values, add --data or --input");
  check_refused(place, {"run", kLeNet, "--data", kData, "-o", "out", "--dump-tensors", "./out"}, 2,
                "--dump-tensors ./out: is where -o puts its files, expected another directory");
  place.write("net.sysb", "");
  check_refused(place, {"run", "net.sysb", "--data", kData, "--dump-tensors", "t"}, 2,
                "--dump-tensors: a program file has no quantised network, expected an ONNX file");
  place.write("file", "");
  check_refused(place, {"run", kLeNet, "--data", kData, "--dump-tensors", "file"}, 2,
                "file: cannot be written: is a file, expected a directory");
  // What stops before its end leaves nothing behind.
  place.write("bad.yaml", "images: absent.npy\n");
  check_refused(place, {"run", kLeNet, "--data", "bad.yaml", "--dump-tensors", "t"}, 2,
                "absent.npy: cannot open the .npy file");
}

TEST_CASE("layers are compared with float32, which a network of its own integers has not") {
  const Workplace place;
  const std::string own = test_data_path("quantised/lenet_qoperator.onnx");
  check_refused(place, {"accuracy", own, "--data", kData, "--layers"}, 2,
                "--layers: " + own +
                    " states its own integers, there is no float32 to compare its layers with");
}

TEST_CASE("steps of the calibration have names, and some need data") {
  const Workplace place;
  check_refused(
      place, {"run", kLeNet, "--calib-steps", "equalize"}, 2,
      "--calib-steps: unknown value 'equalize', expected one of equalise, "
      "channel-ranges, gptq, bias-correction, did you mean 'equalise'? (see systole run --help)");
  check_refused(
      place, {"run", kLeNet, "--calib-method", "mse+equal"}, 2,
      "--calib-method: calibration: equal: unknown step, expected one of equalise, "
      "channel-ranges, gptq, bias-correction, did you mean 'equalise'? (see systole run --help)");
  place.write("t.csv", "");
  check_refused(place, {"run", "--topology", "t.csv", "--calib-steps", "equalise"}, 2,
                "--calib-steps: a topology has no weights to scale, expected an ONNX file");
  check_refused(
      place, {"run", kLeNet, "--calib-steps", "equalise,channel-ranges"}, 2,
      kLeNet + ": channel ranges: no calibration data to take ranges from, expected --calib");
  check_refused(place, {"study", kLeNet, "--calib-steps", "channel-ranges"}, 2,
                "channel ranges: no calibration data to take ranges from, expected --calib");
  place.write("sweep.yaml",
              "networks: [net.onnx]\narchitectures: [edge-16x16]\ncalib_method: mse+equal\n");
  place.write("net.onnx", read_file(kLeNet));
  check_refused(place, {"sweep", "sweep.yaml", "-o", "s.db"}, 2,
                "sweep.yaml:3:15: calib_method: equal: unknown step, expected one of equalise, "
                "channel-ranges, gptq, bias-correction, did you mean 'equalise'?");
}

}  // namespace
}  // namespace systole
